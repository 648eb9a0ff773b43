// The target networks as rows of one table, and the convolutions each is made of. Names are torchvision's.

import { closest, UserError } from "../errors.ts";
import type { Window } from "../tensor/tensor.ts";

/**
 * `3x3`: stride 1 (small images). `3x3+pool`: then 2x2 max pooling. `7x7`: stride 2. `7x7+pool`: then 3x3 max pooling with
 * stride 2 (ImageNet).
 */
export const STEMS = ["3x3", "3x3+pool", "7x7", "7x7+pool"] as const;
export type Stem = (typeof STEMS)[number];
/** The max pooling of a stem, where it has one. */
export const STEM_POOLING: Readonly<Partial<Record<Stem, Window>>> = {
  "3x3+pool": { kernel: 2, stride: 2, padding: 0 },
  "7x7+pool": { kernel: 3, stride: 2, padding: 1 },
};

/** How much smaller maps are than images, pooling included. */
const STEM_STRIDES: Readonly<Record<Stem, number>> = { "3x3": 1, "3x3+pool": 2, "7x7": 2, "7x7+pool": 4 };

/**
 * What of a ResNet's maps becomes features. `mean`: the mean of each channel of the last stage. `stages`: beside it the means of
 * the stage before in quarters of the picture, which say where things are. Weights are the same for either.
 */
export const READOUTS = ["mean", "stages"] as const;
export type Readout = (typeof READOUTS)[number];

/** Either plain blocks (conv, norm, relu, 2x2 max pooling) or residual stages of basic blocks. */
export type Family =
  | { readonly family: "convnet"; readonly depth: number }
  | { readonly family: "resnet"; readonly blocks: readonly number[] };

/** A row: all that tells one architecture from another. */
export type ArchRow = Family & {
  /** In headings. */
  readonly title: string;
  /** Those there are: the first for small images, the last for large ones. */
  readonly stems: readonly [Stem, ...Stem[]];
};

const ROWS = {
  // few-shot learning's standard block, three times
  "convnet-3": { title: "ConvNet-3", family: "convnet", depth: 3, stems: ["3x3"] },
  // as many as few-shot learning usually has
  "convnet-4": { title: "ConvNet-4", family: "convnet", depth: 4, stems: ["3x3"] },
  // He et al. 2016; the shortest of those with three stages, for CIFAR
  "resnet-8": { title: "ResNet-8", family: "resnet", blocks: [1, 1, 1], stems: STEMS },
  "resnet-18": { title: "ResNet-18", family: "resnet", blocks: [2, 2, 2, 2], stems: STEMS },
  "resnet-34": { title: "ResNet-34", family: "resnet", blocks: [3, 4, 6, 3], stems: STEMS },
} as const satisfies Readonly<Record<string, ArchRow>>;

export type ArchName = keyof typeof ROWS;
export const ARCH_NAMES = Object.keys(ROWS) as [ArchName, ...ArchName[]];
/** A row more is an architecture more: docs/add-architecture.md. */
export const ARCHITECTURES: Readonly<Record<ArchName, ArchRow>> = ROWS;

export interface Arch {
  readonly name: ArchName;
  readonly stem: Stem;
  /** Channels of the first stage; a ResNet's further stages have 2, 4 and 8 times as many. */
  readonly width: number;
  /** Height and width of the input images. */
  readonly side: number;
  /** Of ResNets; `mean` where it is not said. */
  readonly readout?: Readout | undefined;
}

/** @example archText(architecture("resnet-8", 32, { width: 48 })) // "resnet-8 of width 48 with stem 3x3 at 32 px" */
export function archText({ name, stem, width, side, readout }: Arch): string {
  const read = readout === "stages" ? ", read out by stages" : "";
  return `${name} of width ${width} with stem ${stem} at ${side} px${read}`;
}

/** What is usual where it is not said. */
export interface ArchOptions {
  readonly stem?: Stem | undefined;
  readonly width?: number | undefined;
  readonly readout?: Readout | undefined;
}

/** An architecture by name, with the usual width and, for ResNets, the stem that suits the image size. */
export function architecture(name: string, side: number, options: ArchOptions = {}): Arch {
  if (!isArchName(name)) {
    const near = closest(name, ARCH_NAMES);
    const hint = near ? `did you mean "${near}"?` : `use one of: ${ARCH_NAMES.join(", ")}`;
    throw new UserError(`unknown architecture "${name}"`, { hint, exitCode: 2 });
  }
  const { stems } = ARCHITECTURES[name];
  const { stem = side > 40 ? stems.at(-1)! : stems[0], width = 64, readout } = options;
  if (!stems.includes(stem)) {
    const hint = `set the stem to ${stems.map((one) => `"${one}"`).join(" or ")}`;
    throw new UserError(`${name} has no stem "${stem}"`, { hint, exitCode: 2 });
  }
  if (side < 8)
    throw new UserError(`images of ${side} px are too small for ${name}`, { hint: "use at least 8 px", exitCode: 2 });
  if (readout === "stages") requireQuarters(name, stem, side);
  return { name, stem, width, side, ...(readout ? { readout } : {}) };
}

/**
 * The same network for squares of another side, whose features stay what they are: of a ResNet, which takes means of its maps. Undefined for others,
 * whose features are as many as maps are large.
 * @throws UserError for a side that it cannot have
 */
export function archAtSide(arch: Arch, side: number): Arch | undefined {
  if (side === arch.side) return arch;
  return ARCHITECTURES[arch.name].family === "resnet" ? architecture(arch.name, side, arch) : undefined;
}

/** @throws UserError where there is no stage before the last one whose maps have quarters */
function requireQuarters(name: ArchName, stem: Stem, side: number): void {
  const row = ARCHITECTURES[name];
  const hint = "leave the readout out";
  if (row.family !== "resnet") throw new UserError(`${name} has no stages to read out`, { hint, exitCode: 2 });
  const shrunk = STEM_STRIDES[stem] * 2 ** (row.blocks.length - 2);
  if (side >= 2 * shrunk) return;
  throw new UserError(`images of ${side} px leave ${name} with stem ${stem} no quarters to read out`, {
    hint: `use at least ${2 * shrunk} px, or ${hint}`,
    exitCode: 2,
  });
}

function isArchName(name: string): name is ArchName {
  return Object.hasOwn(ARCHITECTURES, name);
}

/** One convolution of a target network, followed by the batch norm `norm`. */
export interface LayerSpec extends Window {
  /** Path of its parameters, as in torchvision: "layer2.0.conv1", whose kernel is "layer2.0.conv1.weight". */
  readonly name: string;
  readonly norm: string;
  readonly role: "stem" | "block" | "shortcut";
  readonly cOut: number;
  readonly cIn: number;
}

export interface BlockSpec {
  /** 0, 1, ... */
  readonly stage: number;
  readonly conv1: LayerSpec;
  readonly conv2: LayerSpec;
  readonly downsample?: LayerSpec;
}

function layer(
  name: string,
  norm: string,
  role: LayerSpec["role"],
  cIn: number,
  cOut: number,
  window: Window,
): LayerSpec {
  return { name, norm, role, cOut, cIn, ...window };
}

/** The convolution before the residual stages, or the first block of a plain network. */
export function stemSpec({ stem, width }: Arch): LayerSpec {
  const isSmall = stem === "3x3" || stem === "3x3+pool";
  const window = isSmall ? { kernel: 3, stride: 1, padding: 1 } : { kernel: 7, stride: 2, padding: 3 };
  return layer("conv1", "bn1", "stem", 3, width, window);
}

/** The residual blocks, stage after stage. */
export function blockSpecs({ name, width }: Arch): BlockSpec[] {
  const row = ARCHITECTURES[name];
  if (row.family !== "resnet") return [];
  let cIn = width;
  return row.blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i): BlockSpec => {
      const [path, cOut] = [`layer${stage + 1}.${i}`, width * 2 ** stage];
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const block = {
        stage,
        conv1: layer(`${path}.conv1`, `${path}.bn1`, "block", cIn, cOut, { kernel: 3, stride, padding: 1 }),
        conv2: layer(`${path}.conv2`, `${path}.bn2`, "block", cOut, cOut, { kernel: 3, stride: 1, padding: 1 }),
      };
      const shortcut = { kernel: 1, stride, padding: 0 };
      const changes = stride !== 1 || cIn !== cOut;
      const downsample = layer(`${path}.downsample.0`, `${path}.downsample.1`, "shortcut", cIn, cOut, shortcut);
      cIn = cOut;
      return changes ? { ...block, downsample } : block;
    }),
  );
}

/** All convolutions in torchvision's order: stem, then per block conv1, conv2, downsample. AHRU walks them in this order. */
export function layerSpecs(arch: Arch): LayerSpec[] {
  const row = ARCHITECTURES[arch.name];
  if (row.family === "resnet") {
    const blocks = blockSpecs(arch).flatMap(({ conv1, conv2, downsample }) =>
      downsample ? [conv1, conv2, downsample] : [conv1, conv2],
    );
    return [stemSpec(arch), ...blocks];
  }
  const window = { kernel: 3, stride: 1, padding: 1 };
  return Array.from({ length: row.depth }, (_, i) =>
    layer(`conv${i + 1}`, `bn${i + 1}`, i === 0 ? "stem" : "block", i === 0 ? 3 : arch.width, arch.width, window),
  );
}

/** Channels of the last feature maps. */
export function mapChannels({ name, width }: Arch): number {
  const row = ARCHITECTURES[name];
  return row.family === "resnet" ? width * 2 ** (row.blocks.length - 1) : width;
}

const QUARTERS = 4;

/** Length of the feature vector: flattened maps of a plain network, averaged channels of a ResNet. */
export function featureSize(arch: Arch): number {
  const row = ARCHITECTURES[arch.name];
  if (row.family === "convnet") return mapChannels(arch) * Math.floor(arch.side / 2 ** row.depth) ** 2;
  return mapChannels(arch) * (arch.readout === "stages" ? 1 + QUARTERS / 2 : 1);
}
