// Whether everything that PudNet needs works on this machine: one function a check, each says what it found and how to
// mend it.

import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { secondsSince } from "../clock.ts";
import { UserError } from "../errors.ts";
import { pudnetSchema } from "../hypernet/config.ts";
import { architecture } from "../models/architectures.ts";
import { key, uniform } from "../tensor/random.ts";
import { blockSize, DEVICES, loadRuntime, type RuntimeName, supportedDevices } from "../tensor/runtime.ts";
import { TelemetryError } from "../tensor/telemetry.ts";
import { compileTrainer } from "../tensor/trainer.ts";
import { hostTensor } from "../tensor/tree.ts";
import { initMetaState, metaBatchSpec, type MetaProblem, metaStep } from "../train/meta-step.ts";
import { cacheFolder } from "./datasets/decoded-cache.ts";
import { PACKAGE_ROOT } from "./package-root.ts";
import { nativeAdvice } from "./native-runtime.ts";
import { shippedModel } from "./checkpoints/shipped.ts";
import { loadPudNet } from "./checkpoints/pudnet.ts";
import { makeFolder } from "./files/make-folder.ts";

export interface Check {
  readonly name: string;
  /** `broken`: nothing works without it; `warning`: something is slow or missing. */
  readonly status: "good" | "warning" | "broken";
  readonly found: string;
  /** How to mend it, where it is not good. */
  readonly mend?: string;
}

const GIB = 2 ** 30;
const REINSTALL = "install pudnet again";
const good = (name: string, found: string): Check => ({ name, status: "good", found });

/** All checks in order; one that throws is broken and says why. */
export async function* runChecks(): AsyncGenerator<Check> {
  const checks: readonly (readonly [name: string, check: () => Check | Promise<Check>])[] = [
    ["Node", checkNode],
    ["onnxruntime-node", () => checkRuntime("node")],
    ["onnxruntime-web", () => checkRuntime("web")],
    ["CPU", checkCpu],
    ["memory", checkMemory],
    ["training step", checkTraining],
    ["pictures", checkPictures],
    ["shipped model", checkShipped],
    ["disk", checkDisk],
  ];
  for (const [name, check] of checks) {
    try {
      yield await check();
    } catch (error) {
      const mend = error instanceof UserError ? error.hint : undefined;
      yield { name, status: "broken", found: (error as Error).message, mend: mend ?? REINSTALL };
    }
  }
}

function checkNode(): Check {
  const file = join(PACKAGE_ROOT, "package.json");
  const needed = (JSON.parse(readFileSync(file, "utf8")) as { engines: { node: string } }).engines.node.slice(2);
  const [major = 0, minor = 0] = needed.split(".").map(Number);
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split(".").map(Number);
  const found = `${process.versions.node} (${needed} or newer is needed)`;
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return good("Node", found);
  return { name: "Node", status: "broken", found, mend: "install a newer Node: https://nodejs.org" };
}

async function checkRuntime(name: RuntimeName): Promise<Check> {
  const title = `onnxruntime-${name}`;
  try {
    const runtime = await loadRuntime(name);
    runtime.ort.env.logLevel = "fatal"; // devices that are not there are told below, not in onnxruntime's words
    const devices = await supportedDevices(runtime);
    const missing = name === "node" ? DEVICES.filter((device) => !devices.includes(device)) : [];
    const not = missing.length > 0 ? `; not here: ${missing.join(", ")}` : "";
    return good(title, `${runtime.ort.env.versions.common ?? "?"}, devices: ${devices.join(", ")}${not}`);
  } catch (error) {
    if (name === "web") return { name: title, status: "warning", found: (error as Error).message, mend: REINSTALL };
    if (error instanceof TelemetryError) throw error;
    const { found, mend } = nativeAdvice(error);
    return { name: title, status: "warning", found: `${found}; WebAssembly computes in its place, slower`, mend };
  }
}

async function checkCpu(): Promise<Check> {
  const { inPlaceOf } = await loadRuntime();
  const block = await blockSize();
  const found = `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads, block size ${block ?? "none"}`;
  if (block !== undefined) return good("CPU", found);
  const slower = { name: "CPU", status: "warning", found: `${found}: without the fast lowering` } as const;
  return inPlaceOf ? { ...slower, mend: nativeAdvice(inPlaceOf).mend } : slower; // no other onnxruntime knows this CPU better
}

function checkMemory(): Check {
  const found = `${(freemem() / GIB).toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB free`;
  if (freemem() > GIB) return good("memory", found);
  const mend = "ConvNet-3 needs about 1 GiB, training a ResNet-18 about 4: close other programs";
  return { name: "memory", status: "warning", found, mend };
}

const TINY: MetaProblem = {
  pudnet: pudnetSchema.parse({ hiddenSize: 8, gruLayers: 1, generatorWidth: 2 }),
  arch: architecture("convnet-3", 8, { width: 8 }),
  group: { ways: 2, shots: 2, queries: 2, extra: 0 },
  trainClasses: 2,
  normalization: { mean: [0.5, 0.5, 0.5], deviation: [0.3, 0.3, 0.3] },
  optimizer: { learningRate: 0.01, warmUp: 0, clip: 10 },
};
const TINY_STEPS = 30;

/** A whole meta-training step, many times on one batch: the loss must go down. */
async function checkTraining(): Promise<Check> {
  const start = performance.now();
  const spec = metaBatchSpec(TINY);
  const trainer = await compileTrainer(metaStep(TINY), initMetaState(key(0), TINY), spec);
  const pixels = Uint8Array.from(
    uniform(
      key(1),
      spec.images.shape.reduce((a, b) => a * b),
      0,
      256,
    ),
  );
  const batch = { images: { shape: spec.images.shape, data: pixels }, classes: hostTensor([2, 2], [1, 0, 0, 1]) };
  const losses: number[] = [];
  while (losses.length < TINY_STEPS) {
    const metrics = await trainer.run(Array.from({ length: trainer.stepsPerCall }, () => batch));
    losses.push(...metrics.map(({ loss }) => loss!));
  }
  await trainer.release();
  const [first, last] = [losses[0]!, losses.at(-1)!];
  const found = `loss ${first.toFixed(3)} -> ${last.toFixed(3)} in ${losses.length} tiny steps, ${secondsSince(start).toFixed(1)} s`;
  if (last < first) return good("training step", found);
  const mend = `the engine does not work with this onnxruntime: ${REINSTALL}`;
  return { name: "training step", status: "broken", found, mend };
}

async function checkPictures(): Promise<Check> {
  try {
    const { default: sharp } = await import("sharp");
    const blank = { width: 4, height: 4, channels: 3, background: "#c86432" } as const;
    const png = await sharp({ create: blank }).png().toBuffer();
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    if (data[0] !== 0xc8) throw new Error("a picture came back with other colours");
    return good("pictures", `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`);
  } catch (error) {
    const found = (error as Error).message.split("\n")[0]!;
    return {
      name: "pictures",
      status: "broken",
      found,
      mend: `${REINSTALL}, with the optional packages (--include=optional)`,
    };
  }
}

async function checkShipped(): Promise<Check> {
  try {
    const model = await loadPudNet(shippedModel());
    return good(
      "shipped model",
      `${model.arch.name}, ${model.arch.side} px, ${model.trainClasses.length} training classes`,
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const mend = error.hint ?? REINSTALL;
    return { name: "shipped model", status: "warning", found: error.message, mend };
  }
}

async function checkDisk(): Promise<Check> {
  const cache = cacheFolder();
  if (cache !== undefined) await makeFolder(cache).catch(() => undefined); // told below as not there
  const isMissing = cache !== undefined && !existsSync(cache);
  const places = { "this folder": process.cwd(), ...(cache === undefined || isMissing ? {} : { "the cache": cache }) };
  const free: number[] = [];
  const texts: string[] = [];
  for (const [name, path] of Object.entries(places)) {
    const { bavail, bsize } = await statfs(path);
    free.push((bavail * bsize) / GIB);
    texts.push(`${free.at(-1)!.toFixed(1)} GiB free in ${name} (${path})`);
  }
  const found = texts.join(", ");
  if (isMissing) {
    const mend = "decoded pictures are not kept: set PUDNET_CACHE to a folder that can be written";
    return { name: "disk", status: "warning", found: `${found}; the cache "${cache}" cannot be made`, mend };
  }
  if (Math.min(...free) > 1) return good("disk", found);
  return { name: "disk", status: "warning", found, mend: "free some space, or set PUDNET_CACHE to another disk" };
}
