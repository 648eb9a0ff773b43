// A worker that decodes files.

import { AT_ONCE, type DecodeApi } from "./decode-api.ts";
import { decodePicture } from "./decode-picture.ts";
import { describeError } from "./errors.ts";
import { holdLock } from "./life.ts";
import { type Port, serve } from "./rpc.ts";

serve<DecodeApi>(
  self as unknown as Port,
  {
    start: ({ lock }) => holdLock(lock),
    async decode({ file, side }, { transfer }) {
      const decoded = await decodePicture(file, side);
      transfer(decoded.bytes, decoded.planes.buffer, decoded.thumbnail.bytes);
      return decoded;
    },
  },
  { atOnce: AT_ONCE, describe: describeError },
);
