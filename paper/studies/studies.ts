// All studies by id.

import { equation15 } from "./equation-15/equation-15.ts";
import { figure1 } from "./figure-1/figure-1.ts";
import { figure7 } from "./figure-7.ts";
import { map } from "./map/map.ts";
import { speed } from "./speed/speed.ts";
import { unknown } from "./unknown/unknown.ts";
import type { Study } from "./study.ts";

export const STUDIES: Readonly<Record<string, Study>> = {
  "figure-1": figure1,
  "figure-7": figure7,
  "equation-15": equation15,
  speed,
  unknown,
  map,
};
