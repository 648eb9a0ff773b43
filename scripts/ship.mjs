// Makes a checkpoint that comes with the package of a finished run: the network in half precision, without what only training
// needs, and beside it the run's config, metrics, curves and record.
//
//   node scripts/ship.mjs RUN NAME [--stages] [--side N] [--last]    writes checkpoints/NAME.safetensors and checkpoints/NAME/
//
// --stages: features are read out of two stages, in place of the last alone
// --last: the last state, in place of the one that was best in validation
// --side N: it sees squares of N px, in place of those that it was trained on
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { loadCheckpoint } from "../dist/node/checkpoints/checkpoint.js";
import { loadPudNet, savePudNet } from "../dist/node/checkpoints/pudnet.js";
import { atSide, readOutByStages } from "../dist/predict/model.js";
import { sha256 } from "../dist/formats/sha256.js";

const { values, positionals } = parseArgs({
  options: {
    stages: { type: "boolean", default: false },
    side: { type: "string" },
    last: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [run, name, ...more] = positionals;
if (!run || !name || more.length > 0)
  throw new Error("give the folder of a run and the name of the checkpoint to make");

const file = join("checkpoints", `${name}.safetensors`);
const state = values.last ? "last" : "best";
const kept = join(run, "checkpoints", `${state}.safetensors`);
const trained = await loadPudNet(kept);
const { step } = (await loadCheckpoint(kept)).metadata;
const read = values.stages ? readOutByStages(trained) : trained;
const seen = values.side === undefined ? read : atSide(read, Number(values.side));
await savePudNet(file, seen, { step }, { float16: true });
const folder = join("checkpoints", name);
mkdirSync(folder, { recursive: true });
for (const one of ["metrics.csv", "figures/curves.svg", "figures/curves.png"])
  cpSync(join(run, one), join(folder, basename(one)));
for (const one of ["config.yaml", "run.json"])
  writeFileSync(join(folder, one), withoutPlaces(readFileSync(join(run, one), "utf8")));
const bytes = readFileSync(file);
console.log(`${file}: ${state} of ${basename(run)}, ${bytes.length} bytes, SHA-256 ${await sha256(bytes)}`);

/**
 * Where things lay on the machine that trained is nobody's business: paths as from a checkout.
 * @param {string} text
 */
function withoutPlaces(text) {
  return text
    .replaceAll(/\/\S*\/(configs\/\S+)/g, "$1")
    .replaceAll(/data\.root=\/\S+/g, "data.root=data")
    .replaceAll(/root: \/\S+/g, "root: data");
}
