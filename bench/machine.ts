// What a figure depends on beside the code: versions and machine, kept in every stored row.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { provenance } from "../src/node/provenance.ts";

const ROOT: string = fileURLToPath(new URL("../../", import.meta.url)); // this is dist-bench/bench

export interface Machine {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly onnxruntime: string;
  readonly torch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
}

export async function describeMachine(torch: string | undefined, threads: number): Promise<Machine> {
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
  };
}

function commit(): string {
  const args = ["describe", "--always", "--dirty", "--exclude=*"];
  const { status, stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown"; // no git, or no checkout
}

/** @example machineName({ cpu: "AMD EPYC 9B45 64-Core", cores: 2 }) // "amd-epyc-9b45-64-core-2-cores" */
export function machineName({ cpu, cores }: Pick<Machine, "cpu" | "cores">): string {
  return `${cpu} ${cores} cores`
    .toLowerCase()
    .replaceAll(/\((r|tm)\)/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
