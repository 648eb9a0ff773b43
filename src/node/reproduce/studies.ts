// All studies by id.

import { figure7 } from "./figure-7.ts";
import type { Study } from "./study.ts";

export const STUDIES: Readonly<Record<string, Study>> = {
  "figure-7": figure7,
};
