// The episodic baselines by name.

import { deepBdc } from "./deep-bdc.ts";
import { matching, matchingWithoutContext } from "./matching.ts";
import { metaBaseline } from "./meta-baseline.ts";
import type { EpisodicMethod } from "./method.ts";
import { prototypical } from "./prototypical.ts";

export type MethodName = "protonet" | "matchnet" | "matchnet-no-context" | "meta-baseline" | "meta-deepbdc";

export const METHODS: Readonly<Record<MethodName, EpisodicMethod>> = {
  protonet: prototypical,
  matchnet: matching,
  "matchnet-no-context": matchingWithoutContext,
  "meta-baseline": metaBaseline,
  "meta-deepbdc": deepBdc,
};
