// All studies by id.

import { equation15 } from "./equation-15.ts";
import { figure7 } from "./figure-7.ts";
import type { Study } from "./study.ts";

export const STUDIES: Readonly<Record<string, Study>> = {
  "figure-7": figure7,
  "equation-15": equation15,
};
