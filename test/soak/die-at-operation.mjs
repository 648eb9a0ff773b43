// Preloaded into a process (node --import): counts what it does to the file system, and kills it with SIGKILL at the
// operation asked for, be it half-way through a write. A write counts twice: before it, and with half of it on disk.
//
//   SOAK_DIE_AT=12  dies there, and says on stderr in what
//   SOAK_COUNT=FILE leaves the count in FILE when the process ends by itself
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const dieAt = Number(process.env.SOAK_DIE_AT ?? Number.POSITIVE_INFINITY);
const countFile = process.env.SOAK_COUNT;
// Of this process alone, not of those that it starts.
delete process.env.SOAK_DIE_AT;
delete process.env.SOAK_COUNT;

const { writeSync, writeFileSync } = fs;
let count = 0;

/** Where the process may die; `prepare` makes what lies there then. */
function mayDie(what, prepare = () => undefined) {
  if (++count !== dieAt) return;
  try {
    prepare();
  } finally {
    writeSync(2, `killed at operation ${count}: ${what}\n`);
    process.kill(process.pid, "SIGKILL"); // also where the operation would have failed: a lock that is there
  }
}

const bytesOf = (data) =>
  typeof data === "string" ? Buffer.from(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const half = (data) => bytesOf(data).subarray(0, Math.floor(bytesOf(data).length / 2));

/** Replaces methods by such that may die first. */
function wrap(owner, names, before) {
  for (const name of names) {
    const original = owner[name];
    owner[name] = function (...args) {
      before.call(this, name, ...args);
      return original.apply(this, args);
    };
  }
}

const CHANGES = ["mkdir", "mkdtemp", "rename", "rm", "rmdir", "unlink", "link", "symlink", "copyFile", "truncate"];
const before = (name, ...args) => mayDie(`${name} ${args.filter((arg) => typeof arg === "string").join(" -> ")}`);

if (isMainThread) {
  wrap(promises, CHANGES, before);
  wrap(promises, ["open"], (_, path, flags = "r") => {
    if (flags !== "r" && flags !== 0) mayDie(`open ${path} (${flags})`);
  });
  wrap(promises, ["writeFile", "appendFile"], (name, path, data, options) => {
    const flag = options?.flag ?? (name === "writeFile" ? "w" : "a");
    mayDie(`${name} ${path} (${flag})`);
    mayDie(`half of ${name} ${path} (${flag})`, () => writeFileSync(path, half(data), { flag }));
  });
  const handle = await promises.open(process.execPath);
  wrap(Object.getPrototypeOf(handle), ["writeFile", "write"], function (name, data) {
    mayDie(`${name} to a handle`);
    mayDie(`half of ${name} to a handle`, () => writeSync(this.fd, half(data)));
  });
  await handle.close();

  wrap(
    fs,
    CHANGES.map((name) => `${name}Sync`),
    before,
  );
  // appendFileSync calls writeFileSync, which is counted alone
  wrap(fs, ["writeFileSync"], (name, path, data, options) => {
    const flag = options?.flag ?? "w";
    mayDie(`${name} ${path} (${flag})`);
    mayDie(`half of ${name} ${path} (${flag})`, () => writeFileSync(path, half(data), { flag }));
  });
  syncBuiltinESMExports();
  if (countFile !== undefined) process.on("exit", () => writeFileSync(countFile, String(count)));
}
