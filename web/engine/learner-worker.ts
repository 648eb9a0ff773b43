// The worker that learns and answers.

import { readPudNet } from "pudnet";
import { readsPixels, squareOf } from "./decode-picture.ts";
import { describeError } from "./errors.ts";
import { type LearnerApi, learnerHandlers } from "./learner.ts";
import { holdLock } from "./life.ts";
import { type Port, serve } from "./rpc.ts";

const handlers = learnerHandlers({
  async load({ model, lock }) {
    await holdLock(lock);
    const response = await fetch(model);
    if (!response.ok) throw new Error(`${model}: ${response.status} ${response.statusText}`);
    return await readPudNet(new Uint8Array(await response.arrayBuffer()), "model.safetensors");
  },
  readsPixels,
  square(frame, side) {
    try {
      return squareOf(frame, side);
    } finally {
      frame.close();
    }
  },
  exports: () => import("./exports.ts"),
});

serve<LearnerApi>(self as unknown as Port, handlers, { describe: describeError });
