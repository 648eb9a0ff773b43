// onnxruntime: which build runs here, which devices it offers, and the block size of this CPU.

import { UserError } from "../errors.ts";
import { NCHWC, OnnxGraph } from "./lower/onnx-graph.ts";
import { forbidTelemetry, TelemetryError } from "./telemetry.ts";
import type * as Ort from "onnxruntime-common";

export type Device = "cpu" | "webgpu" | "cuda";
export const DEVICES: readonly Device[] = ["cpu", "webgpu", "cuda"];
/** `node` is the native build, `web` WebAssembly, which runs in Node and in browsers. */
export type RuntimeName = "node" | "web";
export type OrtSession = Ort.InferenceSession;
export type OrtTensor = Ort.Tensor;

export interface Runtime {
  readonly name: RuntimeName;
  readonly ort: typeof Ort;
  /** Why the native build does not serve, where WebAssembly serves in its place. */
  readonly inPlaceOf?: UserError;
}

const loaded = new Map<string, Promise<Runtime>>();

/**
 * The native build where it is installed and loads, else WebAssembly; `name` asks for one of them. In browsers another build
 * of WebAssembly has WebGPU, in twice the size: it is loaded where `device` is that.
 */
export function loadRuntime(name?: RuntimeName, device: Device = "cpu"): Promise<Runtime> {
  if (name === undefined) return inNode() ? nativeOrWeb() : loadRuntime("web", device);
  const isForGpu = name === "web" && device === "webgpu" && !inNode();
  const build = isForGpu ? device : name;
  let runtime = loaded.get(build);
  if (!runtime) {
    runtime = (isForGpu ? importPackage() : name === "node" ? importNative() : importWeb()).then(
      (module) => ({ name, ort: module as typeof Ort }),
      (cause: unknown) => {
        if (cause instanceof UserError) throw cause;
        throw new UserError(`onnxruntime-${name} could not be loaded`, {
          cause,
          hint: `"pudnet checks" says why, and what can be done about it on this system`,
        });
      },
    );
    loaded.set(build, runtime);
  }
  return runtime;
}

async function nativeOrWeb(): Promise<Runtime> {
  try {
    return await loadRuntime("node");
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof TelemetryError) throw error; // to be heard, not to be slow for
    return { ...(await loadRuntime("web")), inPlaceOf: error };
  }
}

// package.json (`imports`) says what begins with #, and gives browsers, and bundlers for them, others than Node.

async function importNative() {
  forbidTelemetry();
  return await import("#runtime");
}

/** What the build copies of the package's 139 MB; in Node the sources themselves take the package. */
async function importWeb(): Promise<unknown> {
  if (!inNode()) return await import("#runtime");
  try {
    return await import(new URL(COPIED, import.meta.url).href);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  return await importPackage();
}

/** By name, so that bundlers for browsers do not follow it. */
const COPIED = "../vendor/onnxruntime-web/ort.node.min.mjs";

/** The package; in browsers its build for WebGPU. Written so that bundlers do without it where it is not installed. */
function importPackage(): Promise<unknown> {
  return import("#onnxruntime-web").catch((cause: unknown) => {
    throw new UserError("onnxruntime-web, which computes by WebGPU in browsers, is not there", {
      hint: "npm install onnxruntime-web@1.30.0; with webpack, see docs/browser.md",
      cause,
    });
  });
}

const inNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

/** The devices this runtime can use here, found by opening a tiny model on each: builds also list what may be missing. */
export async function supportedDevices(runtime: Runtime): Promise<Device[]> {
  const listed = await listedDevices(runtime);
  const works = await Promise.all(listed.map((device) => deviceWorks(runtime, device)));
  return listed.filter((_, i) => works[i]);
}

async function listedDevices({ name }: Runtime): Promise<Device[]> {
  if (name === "web") return inNode() || !("gpu" in navigator) ? ["cpu"] : ["cpu", "webgpu"];
  const { listSupportedBackends } = await importNative();
  const names = listSupportedBackends().map((backend) => backend.name);
  return DEVICES.filter((device) => names.includes(device));
}

const working = new Map<string, Promise<boolean>>();

function deviceWorks(runtime: Runtime, device: Device): Promise<boolean> {
  if (device === "cpu") return Promise.resolve(true);
  const name = `${runtime.name} ${device}`;
  let works = working.get(name);
  if (!works) {
    const g = new OnnxGraph();
    g.output("y", g.input("x", [1]), [1]);
    works = loadRuntime(runtime.name, device)
      .then((build) => createSession(build, g.toModel(), { device }, SILENT))
      .then(
        (session) => session.release().then(() => true),
        () => false, // what is missing (driver, library, GPU) is told by the caller
      );
    working.set(name, works);
  }
  return works;
}

export interface SessionOptions {
  readonly device?: Device;
  /**
   * Threads of the CPU device; all cores by default. WebAssembly: half the cores, at most 4, and the number that the
   * first session gives holds for all of the process.
   */
  readonly threads?: number | undefined;
  readonly runtime?: RuntimeName;
  /** Beginning of the path to which onnxruntime writes when each node ran, once the session is released. */
  readonly profileTo?: string;
}

/** What is asked of a session besides. */
interface KeepingOptions extends SessionOptions {
  /** False: the memory of a run is taken as it needs it. True (default): that of all later runs at once, beside the first's. */
  readonly memoryPattern?: boolean;
  /** Outputs that stay in the memory of a WebGPU device, by name: fed to a session there, they are not copied. */
  readonly kept?: readonly string[];
}

/** Opens a model. Throws UserError where the device is not to be had here. */
export async function openSession(model: Uint8Array, options: KeepingOptions = {}) {
  const { device = "cpu", runtime: name } = options;
  const runtime = await loadRuntime(name, device);
  if (!(await listedDevices(runtime)).includes(device) || !(await deviceWorks(runtime, device))) {
    const offered = await supportedDevices(runtime);
    throw new UserError(`device "${device}" is not offered by onnxruntime-${runtime.name} on this machine`, {
      hint: `use one of: ${offered.join(", ")}; "pudnet checks" tells more`,
      exitCode: 2,
    });
  }
  return { session: await createSession(runtime, model, options), ort: runtime.ort };
}

const ERRORS_ONLY = 3;
const SILENT = 4;

function createSession(
  { name, ort }: Runtime,
  model: Uint8Array,
  { device = "cpu", threads, profileTo, kept = [], memoryPattern = true }: KeepingOptions,
  logSeverityLevel: 3 | 4 = ERRORS_ONLY,
): Promise<OrtSession> {
  const cpu = name === "web" ? "wasm" : "cpu";
  if (name === "web" && threads !== undefined) ort.env.wasm.numThreads = threads; // it knows no threads of a session
  return ort.InferenceSession.create(model, {
    executionProviders: device === "cpu" ? [cpu] : [device, cpu],
    executionMode: "sequential",
    interOpNumThreads: 1,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    enableMemPattern: memoryPattern,
    graphOptimizationLevel: "all",
    logSeverityLevel,
    ...(profileTo === undefined ? {} : { enableProfiling: true, profileFilePrefix: profileTo }),
    preferredOutputLocation: Object.fromEntries(kept.map((output) => [output, "gpu-buffer" as const])),
    extra: { session: { set_denormal_as_zero: "1" } },
  });
}

const blocks = new Map<RuntimeName, Promise<number | undefined>>();

/** Channels per block of the blocked operations on this CPU (8 with AVX2, 16 with AVX-512); undefined: not offered. */
export async function blockSize(name?: RuntimeName): Promise<number | undefined> {
  const runtime = await loadRuntime(name);
  if (runtime.name === "web") return undefined; // WebAssembly has no blocked operations
  let block = blocks.get(runtime.name);
  if (!block) {
    block = probeBlockSize(runtime).catch(() => undefined);
    blocks.set(runtime.name, block);
  }
  return block;
}

/** Reorders a known tensor: where the second pixel of the first channel lands tells the block size. */
async function probeBlockSize({ ort, name }: Runtime): Promise<number | undefined> {
  const channels = 64;
  const g = new OnnxGraph();
  g.input("x", [1, channels, 1, 2]);
  g.output("y", g.node("ReorderInput", ["x"], {}, NCHWC), [1, channels, 1, 2]);
  const { session } = await openSession(g.toModel(), { runtime: name });
  const x = new ort.Tensor(
    "float32",
    Float32Array.from({ length: 2 * channels }, (_, i) => i),
    [1, channels, 1, 2],
  );
  const { y } = await session.run({ x });
  await session.release();
  const block = (y!.data as Float32Array).indexOf(1);
  return block > 1 && channels % block === 0 ? block : undefined;
}
