// Run folders, records, checkpoints, figures. For researchers: may change in any minor version.

export { type CellKind, type CsvCell, csvText, isNumber, parseCsv, parseTable, type TableRow } from "../formats/csv.ts";
export { canonicalJson, parseJson } from "../formats/json.ts";
export { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
export { loadPudNet } from "../node/checkpoints/pudnet.ts";
export { writeFileAtomic } from "../node/files/atomic-file.ts";
export { fileHash } from "../node/files/file-hash.ts";
export { BusyError, lockFolder } from "../node/files/folder-lock.ts";
export { makeFolder } from "../node/files/make-folder.ts";
export { readText, readWhole } from "../node/files/read-file.ts";
export { groupedBy } from "../node/grouped-by.ts";
export { type Provenance, provenance } from "../node/provenance.ts";
export { PACKAGE_ROOT } from "../node/package-root.ts";
export { rasterise } from "../node/rasterise.ts";
export { completeRecord, knownRecord, lackingGroups, type Measures } from "../node/records/complete.ts";
export { cellsOf, columnsOf, parseColumns, parseGroup, titleOf } from "../node/records/group-table.ts";
export {
  type EvaluationRecord,
  headSchema,
  parseGroups,
  type Placed,
  readRecord,
  recordTexts,
  type Session,
  united,
  writeRecord,
} from "../node/records/record.ts";
export {
  checkpointName,
  evaluationIdentity,
  identityHash,
  networkIdentity,
  recordName,
  withoutFrozen,
} from "../node/records/identity.ts";
export { checkResult, imageMaterials, type Materials, splitMaterials } from "../node/records/materials.ts";
export { META_COLUMNS, metaPlan, parallelMetaPlan } from "../node/runs/meta-training.ts";
export { RunFolder } from "../node/runs/run-folder.ts";
export { isComplete, runTraining, type TrainingPlan } from "../node/runs/run.ts";
export { curvesFigure } from "../report/curves-figure.ts";
export { type DotRow, type DotsFigure, dotsFigure } from "../report/dots-figure.ts";
export {
  blocks,
  bulletList,
  codeBlock,
  folded,
  type MarkdownColumn,
  markdownTable,
  numberedList,
} from "../report/markdown.ts";
export { type PointsFigure, pointsFigure } from "../report/points-figure.ts";
export { formatDuration } from "../report/progress-table.ts";
