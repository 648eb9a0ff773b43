// A target network's architecture as files and messages hold it.

import { z } from "zod";
import { ARCH_NAMES, READOUTS, STEMS } from "./architectures.ts";

/** What else a file says of it is ignored. */
export const archSchema = z.object({
  name: z.enum(ARCH_NAMES),
  stem: z.enum(STEMS),
  width: z.int().min(1),
  side: z.int().min(8),
  readout: z.enum(READOUTS).optional(),
});
