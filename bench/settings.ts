// How the benchmarks are carried out this time.

import type { Device } from "../src/tensor/runtime.ts";
import type { Peers } from "./children.ts";

export interface Settings {
  /** Measured blocks: at least 7 for a figure worth keeping. */
  readonly blocks: number;
  /** Where ours computes; beside `webgpu` the peers compute on CUDA. */
  readonly device: Device;
  readonly threads: number;
  readonly peers: Peers | { readonly missing: string };
  /** Whether the JavaScript libraries are installed, or why they are not compared with. */
  readonly libraries: { readonly missing?: string };
  readonly onProgress: (text: string) => void;
}
