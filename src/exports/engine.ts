// Keys, trees, architectures and errors. For researchers: may change in any minor version.

export { closest, FormatError, invariant, issueLines, UserError } from "../errors.ts";
export { pudnetSchema } from "../hypernet/config.ts";
export { type Arch, architecture, ARCHITECTURES, type ArchName, featureSize, STEMS } from "../models/architectures.ts";
export { initWeights, networkShapes } from "../models/network.ts";
export { shellWord } from "../names.ts";
export type { CompileOptions } from "../tensor/program.ts";
export { fold, type Key, key, normal, sample, stream, uniform } from "../tensor/random.ts";
export type { Device } from "../tensor/runtime.ts";
export { asTree, type Host, hostTensor, type HostTensor, leaves, sizeOf, type Tree } from "../tensor/tree.ts";
