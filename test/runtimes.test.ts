// The portable lowering beyond the native CPU build: WebAssembly, and WebGPU where a Vulkan driver is found (a software
// one will do: Debian's chromium-common brings SwiftShader). All must compute what onnxruntime-node computes on the CPU.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { pudnetSchema } from "../src/hypernet/config.ts";
import { architecture } from "../src/models/architectures.ts";
import { sgd } from "../src/optim/sgd.ts";
import { gradients } from "../src/tensor/gradients.ts";
import { constant, mul, sum } from "../src/tensor/ops.ts";
import { compile, type CompileOptions } from "../src/tensor/program.ts";
import { fold, key, normal, uniform } from "../src/tensor/random.ts";
import { loadRuntime, supportedDevices } from "../src/tensor/runtime.ts";
import type { Tensor } from "../src/tensor/tensor.ts";
import type { TrainerOptions } from "../src/tensor/trainer.ts";
import { type HostTensor, hostTensor, sizeOf } from "../src/tensor/tree.ts";
import { initMetaState, metaBatchSpec, type MetaProblem, metaStep } from "../src/train/meta-step.ts";
import { expect } from "./close.ts";
import { drawInput } from "./draw-input.ts";
import { opCases } from "./op-cases.ts";
import { initState, randomBatch, trainingStep, trainOn } from "./training-step.ts";

interface Target {
  readonly name: string;
  readonly options: CompileOptions;
  /** Relative to the largest entry of each tensor. */
  readonly rtol: number;
}

const REFERENCE: CompileOptions = { lowering: "portable", runtime: "node" };
const SOFTWARE_DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const seed = key(7);

/** A driver without a GPU compiles shaders for seconds: it gets the short versions. */
const software = process.env["VK_DRIVER_FILES"] === SOFTWARE_DRIVER;
const offersWebGpu = (await supportedDevices(await loadRuntime("node"))).includes("webgpu");
const targets: readonly Target[] = [
  { name: "onnxruntime-web", options: { runtime: "web" }, rtol: 1e-5 },
  ...(offersWebGpu ? [{ name: "webgpu", options: { device: "webgpu" }, rtol: 1e-4 } as const] : []),
];

describe.each(targets)("$name", ({ options, rtol }) => {
  test("all operations and their gradients", async () => {
    const expected = await runOperations(REFERENCE);
    const actual = await runOperations(options);
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      expect(actual[name], name).toBeAllClose(value, { rtol, atol: 1e-6 });
    }
  });

  test("two training steps of ConvNet-3, one call each or both in one", async () => {
    const expected = await train(REFERENCE);
    for (const stepsPerCall of software ? [1] : [1, 2]) {
      const actual = await train({ ...options, stepsPerCall });
      for (const [path, value] of expected) expect(actual.get(path), path).toBeAllClose(value, { rtol: 10 * rtol });
    }
  });

  test.skipIf(software)("a meta-training step of PudNet", async () => {
    const [expected, actual] = [await metaTrain(REFERENCE), await metaTrain(options)];
    for (const [name, value] of Object.entries(expected))
      expect(actual[name], name).toBeAllClose(value, { rtol: 1e-4 });
  });
});

const canAddDriver = !offersWebGpu && !software && existsSync(SOFTWARE_DRIVER);

test.skipIf(offersWebGpu || canAddDriver)("SKIPPED: webgpu, no Vulkan driver on this machine", () => {
  expect(software, "the driver was given, but webgpu is not offered").toBe(false);
});

// The loader reads its environment when the process starts: this file once more, in a process that has the driver.
test.runIf(canAddDriver)("webgpu over a software driver", () => {
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const child = spawnSync(
    process.execPath,
    [vitest, "run", "--project", "unit", import.meta.filename, "-t", "webgpu"],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        VK_DRIVER_FILES: SOFTWARE_DRIVER,
        VK_ICD_FILENAMES: SOFTWARE_DRIVER, // its name for older loaders
        LD_LIBRARY_PATH: dirname(SOFTWARE_DRIVER), // where the loader itself lies
      },
    },
  );
  expect(child.status, child.stdout + child.stderr).toBe(0);
  expect(child.stdout).toContain("2 passed");
});

/** The first and the last case of each operation: value and gradients, all in one program. */
async function runOperations(options: CompileOptions): Promise<Record<string, HostTensor>> {
  const cases = Object.entries(opCases(8)).flatMap(([op, list]) => [
    [`first ${op}`, list[0]!] as const,
    [`last ${op}`, list.at(-1)!] as const,
  ]);
  const draws = cases.flatMap(([op, { inputs }]) => inputs.map((one, i) => [`${op} x${i}`, one] as const));
  const inputs = Object.fromEntries(draws.map(([name, one]) => [name, drawInput(fold(seed, name), one)]));
  const program = await compile(
    (x: Record<string, Tensor>): Record<string, Tensor> =>
      Object.fromEntries(
        cases.flatMap(([op, { inputs: own, compute }]) => {
          const mine = own.map((_, i) => x[`${op} x${i}`]!);
          const y = compute(...mine);
          const weights = constant(normal(fold(seed, op), sizeOf(y.shape)), y.shape);
          const grads = gradients(sum(mul(y, weights)), mine);
          return [[op, y], ...grads.map((g, i) => [`gradient ${i} of ${op}`, g])] as [string, Tensor][];
        }),
      ),
    inputs,
    options,
  );
  const results = await program.run(inputs);
  await program.release();
  return results;
}

/** Losses of two steps and the state after them. Plain SGD: Adam would blow up rounding where a gradient is nearly zero. */
async function train(options: TrainerOptions): Promise<ReadonlyMap<string, HostTensor>> {
  const arch = architecture("convnet-3", 16, { width: 8 });
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
  const batches = [0, 1].map((i) => randomBatch(fold(seed, i), arch, 4, 3));
  const step = trainingStep(arch, optimizer);
  const { metrics, state } = await trainOn(step, initState(seed, arch, 3, optimizer), batches, options);
  const losses = metrics.map(({ loss }) => loss!);
  return new Map([["losses", hostTensor([2], losses)], ...state]);
}

async function metaTrain(options: CompileOptions): Promise<Record<string, number>> {
  const problem: MetaProblem = {
    pudnet: pudnetSchema.parse({ hiddenSize: 8, generatorWidth: 2 }),
    arch: architecture("convnet-3", 16, { width: 8 }),
    group: { ways: 2, shots: 2, queries: 2, extra: 1 },
    trainClasses: 3,
    normalization: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
    optimizer: { learningRate: 1e-3, warmUp: 10, clip: 10 },
  };
  const spec = metaBatchSpec(problem);
  const images = Uint8Array.from(uniform(seed, sizeOf(spec.images.shape), 0, 256));
  const batch = {
    images: { shape: spec.images.shape, data: images },
    classes: hostTensor(spec.classes.shape, [0, 0, 1, 1, 0, 0]),
  };
  const { metrics } = await trainOn(metaStep(problem), initMetaState(seed, problem), [batch], options);
  return metrics[0]!;
}
