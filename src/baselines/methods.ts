// The episodic baselines by name.

import { deepBdc } from "./deep-bdc.ts";
import { matching, matchingWithoutContext } from "./matching.ts";
import { metaBaseline } from "./meta-baseline.ts";
import type { EpisodicMethod } from "./method.ts";
import { prototypical } from "./prototypical.ts";

const ROWS = {
  protonet: prototypical,
  matchnet: matching,
  "matchnet-no-context": matchingWithoutContext,
  "meta-baseline": metaBaseline,
  "meta-deepbdc": deepBdc,
} as const satisfies Readonly<Record<string, EpisodicMethod>>;

export type MethodName = keyof typeof ROWS;
export const METHODS: Readonly<Record<MethodName, EpisodicMethod>> = ROWS;
