// Makes a checkpoint that comes with the package of a finished run: the network in half precision, without what only training
// needs, and beside it the run's config, metrics, curves and record.
//
//   node scripts/ship.mjs RUN NAME [best or last, default last]    writes checkpoints/NAME.safetensors and checkpoints/NAME/
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { loadPudNet, savePudNet } from "../dist/node/checkpoints/pudnet.js";
import { sha256 } from "../dist/formats/sha256.js";

const [run, name, which = "last"] = process.argv.slice(2);
if (!run || !name) throw new Error("give the folder of a run and the name of the checkpoint to make");

const file = join("checkpoints", `${name}.safetensors`);
const model = await loadPudNet(join(run, "checkpoints", `${which}.safetensors`));
await savePudNet(file, model, {}, { float16: true });
mkdirSync(join("checkpoints", name), { recursive: true });
for (const one of ["config.yaml", "metrics.csv", "run.json", "figures/curves.svg", "figures/curves.png"])
  cpSync(join(run, one), join("checkpoints", name, basename(one)));
const bytes = readFileSync(file);
console.log(`${file}: ${which} of ${basename(run)}, ${bytes.length} bytes, SHA-256 ${await sha256(bytes)}`);
