// The process that computes groups for one that trains: started by group-processes.ts, told what to do by messages. It ends
// with the other one.

import { GroupComputer } from "../../train/group-computer.ts";
import {
  type Answer,
  asEnds,
  batchFile,
  batchRooms,
  madeOnce,
  resultFile,
  roomsFor,
  type Start,
  startFile,
  type Work,
} from "./messages.ts";
import { readTree, writeTree } from "./shared-files.ts";

for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined); // a terminal's: the other one stops in good order
process.on("disconnect", () => process.exit());

let compute: ((work: Work) => Promise<void>) | undefined;

process.on("message", (message: Start | Work) => {
  if (message.kind === "start") compute = computing(message);
  else void answer(message);
});

async function answer(work: Work): Promise<void> {
  const said: Answer = await compute!(work).then(
    () => ({}),
    (error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }),
  );
  process.send!(said);
}

function computing({ problem, folder }: Start): (work: Work) => Promise<void> {
  const computer = new GroupComputer(problem);
  const rooms = roomsFor(problem);
  const batchRoom = batchRooms(rooms);
  const [pointRoom, stateRoom] = [madeOnce(() => rooms.point()), madeOnce(() => rooms.state())];
  return async ({ kind, slot, batches: count, group }) => {
    const batches = Array.from({ length: count }, (_, i) => readTree(batchFile(folder, slot, i), batchRoom(i, group)));
    if (kind === "gradient") {
      const point = readTree(startFile(folder), pointRoom(0));
      writeTree(resultFile(folder, slot), await computer.gradient(point, batches[0]!, group));
    } else {
      const state = readTree(startFile(folder), stateRoom(0));
      writeTree(resultFile(folder, slot), asEnds(await computer.localSteps(state, batches, group)));
    }
  };
}
