// What the map compares, and the commands that make a cell of it: docs/general.md, "The map", says why.

export const HEADS = ["centred centroids", "closed form"] as const;
export type Head = (typeof HEADS)[number];

/** A method's training; its config is configs/map/CONFIG-DOMAINS.yaml. */
export interface Method {
  readonly title: string;
  readonly config: "base" | "groups";
  readonly settings: readonly string[];
  /** Whether it starts from method a's network. */
  readonly fromBase: boolean;
  readonly checkpoint: "best" | "last";
}

const groups = { config: "groups", fromBase: true, checkpoint: "last" } as const;

/** In the order in which they are trained: the others start from a. */
export const METHODS: Readonly<Record<string, Method>> = {
  a: { title: "static, cross entropy", config: "base", settings: [], fromBase: false, checkpoint: "best" },
  d: { ...groups, title: "changed by the sketch", settings: [] },
  k: { ...groups, title: "a learned constant in place of the sketch", settings: ["pudnet.sketch=constant"] },
  n: { ...groups, title: "a learned sketch of each domain, by its name", settings: ["pudnet.sketch=domain"] },
  e: { ...groups, title: "static, episodic, from a", settings: ["pudnet.predict=none"] },
  b: { ...groups, title: "static, episodic, from random weights", settings: ["pudnet.predict=none"], fromBase: false },
  c: { ...groups, title: "as in the paper", settings: ["pudnet.predict=no-stem", "pudnet.sketchNorm=batch"], fromBase: false }, // prettier-ignore
  s: { ...groups, title: "specialists: static, episodic, from a, one for each domain alone", settings: ["pudnet.predict=none"] }, // prettier-ignore
};

/** A network judged with its weights from a sketch, changed by all or by a part of what that says. */
export interface Contender {
  readonly method: string;
  readonly sketch: string;
  /** auto: the gate. */
  readonly strength: string;
  readonly title: string;
}

const own = { sketch: "own", strength: "1" };
const alone = (method: string) => ({ ...own, method, title: METHODS[method]!.title });

/** By the names that pages and verdict use. */
export const CONTENDERS = {
  d: { ...own, method: "d", title: "changed by the sketch of the group's own pictures" },
  "d, gated": { ...own, method: "d", strength: "auto", title: "the same, as far as left-out pictures prefer" },
  "d, other classes": { ...own, method: "d", sketch: "other-classes", title: "by the sketch of other classes of the domain" }, // prettier-ignore
  "d, mean sketch": { ...own, method: "d", sketch: "mean", title: "by the mean sketch of the training domains" },
  "d, other domain": { ...own, method: "d", sketch: "other-domain", title: "by the sketch of another domain" },
  n: alone("n"),
  k: alone("k"),
  e: alone("e"),
  a: alone("a"),
  b: alone("b"),
  c: alone("c"),
  s: { ...own, method: "s", sketch: "left-out", title: "the specialist with the least left-out error" },
  "s, by name": { ...own, method: "s", sketch: "name", title: "the specialist of the group's domain" },
  "s, oracle": { ...own, method: "s", sketch: "oracle", title: "the specialist that is best on the test images" },
} as const satisfies Readonly<Record<string, Contender>>;
export type ContenderName = keyof typeof CONTENDERS;
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as ContenderName[];

/** Single networks that do not look at the data at hand. */
export const STATIC = ["a", "b", "e", "k"] as const satisfies readonly ContenderName[];

export interface Place {
  readonly width: number;
  /** That are trained on. */
  readonly domains: number;
}

/** The cells of the protocol, and the seeds of each. */
export const PLACES: readonly Place[] = [
  { width: 8, domains: 1 },
  { width: 8, domains: 4 },
  { width: 8, domains: 8 },
  { width: 16, domains: 8 },
  { width: 64, domains: 8 },
];
export const SEEDS = [0, 1];
/** Where the claim is made. */
export const CLAIM: Place = { width: 8, domains: 8 };

/** Domains that nothing was trained on. */
const ALSO = ["playing-cards-53", "arabic-28"];
const STEPS = 10_000;
export const GROUPS = 100;

/** "width 8, 8 domains" */
export function placeText({ width, domains }: Place): string {
  return `width ${width}, ${domains === 1 ? "one domain" : `${domains} domains`}`;
}

/** The variables that `cellCommands` names. @example shellPlace({ width: 8, domains: 8 }, 1) // "WIDTH=8 DOMAINS=8 SEED=1" */
export function shellPlace({ width, domains }: Place, seed: number): string {
  return `WIDTH=${width} DOMAINS=${domains} SEED=${seed}`;
}

const OF = "$WIDTH-$DOMAINS-$SEED";

/** Domains in the order in which cells take them. */
const DOMAINS = ["cifar-100", "gtsrb-43", "hwdb-100", "food-101", "plankton-109", "grocery-81", "scene-chars-36", "glyphs-train"]; // prettier-ignore

const checkpoint = (method: string, name = method): string =>
  `runs/map-${name}-${OF}-1/checkpoints/${METHODS[method]!.checkpoint}.safetensors`;

function training(method: string, name = method, more: readonly string[] = []): string {
  const { config, settings, fromBase } = METHODS[method]!;
  const all = ["target.width=$WIDTH", "seed=$SEED", `name=map-${name}-${OF}`, ...settings, ...more];
  const sets = [...all, ...(fromBase ? [`start=${checkpoint("a")}`] : [])].map((setting) => ` --set ${setting}`);
  return `pudnet train --config configs/map/${config}-$DOMAINS.yaml${sets.join("")}`;
}

function evaluation(
  work: string,
  { method, sketch, strength }: Omit<Contender, "title">,
  name: string = method,
): string {
  const also = sketch === "other-classes" ? "" : ALSO.map((one) => ` --also ${one}`).join("");
  const how = `${sketch === "own" ? "" : ` --sketch ${sketch}`}${strength === "1" ? "" : ` --strength ${strength}`}`;
  return `pudnet evaluate --model ${checkpoint(method, name)} --config configs/map/groups-$DOMAINS.yaml${also}${how} --groups ${GROUPS} --out ${work}/${name}-${OF}`;
}

/**
 * Shell lines that train and judge a cell, by the variables of `shellPlace`.
 * @param work where records are collected from
 */
export function cellCommands(work: string): string[] {
  const single = Object.keys(METHODS).filter((method) => method !== "s");
  const contenders = CONTENDER_NAMES.map((name) => CONTENDERS[name]).filter(({ method }) => method !== "s");
  const name = "s-$DOMAIN";
  const part = `$((${STEPS} / DOMAINS))`; // all together are as long as another method's training
  const sources = '"data.sources=[{ dataset: $DOMAIN, split: $SPLIT }]"';
  return [
    ...single.map((method) => training(method, method, [`steps=${STEPS}`])),
    ...contenders.map((contender) => evaluation(work, contender)),
    `for DOMAIN in $(echo ${DOMAINS.join(" ")} | cut -d " " -f "1-$DOMAINS"); do`,
    "  SPLIT=drawn-60-20; if [ $DOMAIN = cifar-100 ]; then SPLIT=cifar-100-set; fi",
    `  ${training("s", name, [`steps=${part}`, `validation.every=${part}`, sources])}`,
    `  ${evaluation(work, { ...own, method: "s" }, name)}`,
    "done",
  ];
}
