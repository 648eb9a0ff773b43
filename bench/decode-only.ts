// What sharp alone needs for a list of pictures: the reading and decoding of `pudnet classify` without all the rest.
//
//   decode-only.js all-pixels|shrunk SIDE PATH...

import { readFile } from "node:fs/promises";
import pMap from "p-map";
import sharp from "sharp";
import { listPictures } from "../src/node/datasets/picture-list.ts";

const [how, side, ...given] = process.argv.slice(2);
/** As many at a time as `classify` has. */
const IN_FLIGHT = 6;

const { paths } = await listPictures(given);
const decode = async (path: string): Promise<number> => {
  const whole = sharp(await readFile(path));
  const picture = how === "shrunk" ? whole.resize(Number(side), Number(side), { fit: "cover" }) : whole;
  return (await picture.raw().toBuffer()).length;
};
await pMap(paths, decode, { concurrency: IN_FLIGHT });
