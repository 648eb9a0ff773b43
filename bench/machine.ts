// What a figure depends on beside the code: versions and machine, kept in every stored row.

import { spawnSync } from "node:child_process";
import { PACKAGE_ROOT } from "../src/node/package-root.ts";
import { provenance } from "../src/node/provenance.ts";
import type { Device } from "../src/tensor/runtime.ts";
import type { Settings } from "./settings.ts";

export interface Machine {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly torch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  readonly device: Device;
  /** What the driver calls it, where ours does not compute on the CPU. */
  readonly gpu: string;
}

export async function describeMachine(
  torch: string | undefined,
  { device, threads }: Pick<Settings, "device" | "threads">,
): Promise<Machine> {
  const { machine, versions } = await provenance();
  return {
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    node: versions["node"]!,
    onnxruntime: versions["onnxruntime-node"] ?? "none",
    torch: torch ?? "none",
    cpu: machine.cpu,
    cores: machine.cores,
    threads,
    device,
    gpu: device === "cpu" ? "none" : gpu(),
  };
}

function gpu(): string {
  const args = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
  const { status, stdout } = spawnSync("nvidia-smi", args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0]! : "unknown"; // another maker's
}

function commit(): string {
  const args = ["describe", "--always", "--dirty", "--exclude=*"];
  const { status, stdout } = spawnSync("git", args, { cwd: PACKAGE_ROOT, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown"; // no git, or no checkout
}

/**
 * The GPU names it where ours computes there.
 * @example machineName({ cpu: "AMD EPYC 9B45 64-Core", cores: 2, device: "cpu", gpu: "none" }) // "amd-epyc-9b45-64-core-2-cores"
 */
export function machineName({
  cpu,
  cores,
  device,
  gpu: card,
}: Pick<Machine, "cpu" | "cores" | "device" | "gpu">): string {
  return (device === "cpu" ? `${cpu} ${cores} cores` : `${card.split(",")[0]} ${device}`)
    .toLowerCase()
    .replaceAll(/\((r|tm)\)/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
