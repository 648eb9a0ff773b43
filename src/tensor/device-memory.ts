// Tensors in the memory of a WebGPU device. A step's state stays there between calls, since copying it in and out would
// take longer than the step; what is to be read is copied out by a model of identities (the Node binding has no other way).

import { OnnxGraph } from "./lower/onnx-graph.ts";
import { openSession, type OrtSession, type OrtTensor, type SessionOptions } from "./runtime.ts";

/** Copies tensors out of the memory of a device. Call `release` when done with it. */
export class DeviceReader {
  readonly #session: OrtSession;

  private constructor(session: OrtSession) {
    this.#session = session;
  }

  /** For float32 tensors of these shapes. */
  static async create(shapes: readonly (readonly number[])[], options: SessionOptions): Promise<DeviceReader> {
    const g = new OnnxGraph();
    shapes.forEach((shape, i) => g.output(`y${i}`, g.input(`x${i}`, shape), shape));
    const { session } = await openSession(g.toModel(), { ...options, kept: [] });
    return new DeviceReader(session);
  }

  /** The same tensors in the memory of the process. */
  async read(tensors: readonly OrtTensor[]): Promise<OrtTensor[]> {
    const results = await this.#session.run(Object.fromEntries(tensors.map((tensor, i) => [`x${i}`, tensor])));
    return tensors.map((_, i) => results[`y${i}`]!);
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
