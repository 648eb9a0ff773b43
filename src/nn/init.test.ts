import { describe, expect, test } from "vitest";
import { dtypeOf } from "../tensor/program.ts";
import { key } from "../tensor/random.ts";
import { type HostTensor, leaves } from "../tensor/tree.ts";
import { initGruCell } from "./gru.ts";
import { fanInUniform, filled, gaussian, heNormal } from "./init.ts";
import { initLinear } from "./linear.ts";

const deviation = ({ data }: HostTensor): number =>
  Math.sqrt((data as Float32Array).reduce((total, value) => total + value * value, 0) / data.length);

describe("initial values", () => {
  test("He et al.: deviation sqrt(2 / fan-out)", () => {
    expect(deviation(heNormal(key(1), [32, 64, 3, 3])) / Math.sqrt(2 / (32 * 9))).toBeCloseTo(1, 1);
    expect(deviation(heNormal(key(1), [64, 200])) / Math.sqrt(2 / 64)).toBeCloseTo(1, 1);
  });

  test("PyTorch's default: uniform within 1 / sqrt(fan-in)", () => {
    const { data } = fanInUniform(key(1), [100, 25], 25);
    const largest = Math.max(...(data as Float32Array).map(Math.abs));
    expect(largest).toBeLessThanOrEqual(0.2);
    expect(largest).toBeGreaterThan(0.199);
  });

  test("gaussian and filled", () => {
    expect(deviation(gaussian(key(1), [5000], 3))).toBeCloseTo(3, 0);
    expect(filled([2], 7).data).toEqual(Float32Array.of(7, 7));
  });

  test("shapes are known, and nothing is drawn, until the numbers are asked for; then they are drawn once", () => {
    const huge = [2 ** 20, 2 ** 12, 3, 3];
    for (const tensor of [heNormal(key(1), huge), gaussian(key(1), huge), fanInUniform(key(1), huge, 9)]) {
      expect(tensor.shape).toEqual(huge);
      expect(dtypeOf(tensor)).toBe("float32");
      expect(() => tensor.data).toThrow(RangeError); // more numbers than an array holds
    }
    const small = heNormal(key(1), [2, 3]);
    expect(small.data).toBe(small.data);
    expect(structuredClone(small)).toEqual({ shape: [2, 3], dtype: "float32", data: small.data });
  });

  test("each parameter of a layer is drawn by itself", () => {
    for (const layer of [initLinear(key(3), 16, 16), initGruCell(key(3), 16, 16)]) {
      const starts = leaves<HostTensor>(layer).map(([, { data }]) => data[0]);
      expect(new Set(starts).size).toBe(starts.length);
    }
  });
});
