import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { mul } from "./ops.ts";
import { compile } from "./program.ts";
import { blockSize, loadRuntime, supportedDevices } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";

const square = ({ x }: { x: Tensor }) => ({ y: mul(x, x) });
const specs = { x: { shape: [2] } };

test("the CPU is always offered, and by either build", async () => {
  for (const name of ["node", "web"] as const) {
    const runtime = await loadRuntime(name);
    expect(runtime.name).toBe(name);
    expect(await supportedDevices(runtime)).toContain("cpu");
  }
  expect((await loadRuntime()).name).toBe("node");
});

test("a device that is not there is the user's to mend, whatever the build lists", async () => {
  const offered = await supportedDevices(await loadRuntime("node"));
  for (const device of (["cuda", "webgpu"] as const).filter((each) => !offered.includes(each))) {
    const error: unknown = await compile(square, specs, { device }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: `device "${device}" is not offered by onnxruntime-node on this machine`,
      hint: expect.stringContaining(`use one of: ${offered.join(", ")}`),
      exitCode: 2,
    });
  }
});

test("a block is what this CPU's vectors hold", async () => {
  const block = await blockSize("node");
  expect([undefined, 4, 8, 16]).toContain(block);
});

test("asking for the blocked lowering where there is none says so", async () => {
  expect(await blockSize("web")).toBeUndefined();
  const compiled = compile(square, specs, { runtime: "web", lowering: "blocked" });
  await expect(compiled).rejects.toThrow("the blocked lowering is not offered by this onnxruntime or CPU");
});

test("WebAssembly is told the threads of its first session", async () => {
  const { ort } = await loadRuntime("web");
  await (await compile(square, specs, { runtime: "web", threads: 3 })).release();
  expect(ort.env.wasm.numThreads).toBe(3);
});
