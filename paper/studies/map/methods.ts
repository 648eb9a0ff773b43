// What the map compares, and the commands that make a cell of it: docs/general.md, "The map", says why.

export const HEADS = ["centred centroids", "closed form"] as const;
export type Head = (typeof HEADS)[number];

/** How many labelled pictures a class both heads, batch norm and the sketch see, and the groups a domain that are judged so. */
export const LABELS = { "10": { groups: 100 }, "20": { groups: 30 } } as const;
export type Labels = keyof typeof LABELS;
export const LABEL_COUNTS = Object.keys(LABELS) as Labels[];

/** Which pictures a network is judged on: classes of the domains that it was trained on, or domains that it was not. */
export const GROUNDS = ["novel classes", "new kinds", "test domains"] as const;
export type Ground = (typeof GROUNDS)[number];

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
  s: { ...groups, title: "specialists: static, episodic, from a, one for each domain alone, all together as long as another", settings: ["pudnet.predict=none"] }, // prettier-ignore
  l: { ...groups, title: "specialists as s, each as long as another", settings: ["pudnet.predict=none"] },
};
/** One network a domain. */
export const SPECIALISTS: readonly string[] = ["s", "l"];

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
  l: {
    ...own,
    method: "l",
    sketch: "left-out",
    title: "of specialists of full length that with the least left-out error",
  },
  "l, by name": { ...own, method: "l", sketch: "name", title: "of those the one of the group's domain" },
  "l, oracle": { ...own, method: "l", sketch: "oracle", title: "of those the best on the test images" },
} as const satisfies Readonly<Record<string, Contender>>;
export type ContenderName = keyof typeof CONTENDERS;
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as ContenderName[];

/** Single networks that do not look at the data at hand. */
export const STATIC = ["a", "b", "e", "k"] as const satisfies readonly ContenderName[];

export interface Place {
  readonly width: number;
  /** That are trained on. */
  readonly domains: number;
  /** Groups of a training, or batches of as many pictures. */
  readonly steps: number;
}

const STEPS = 10_000;
/** Where the claim is made. */
export const CLAIM: Place = { width: 8, domains: 8, steps: STEPS };
/** The same, trained twice as long. */
export const LONGER: Place = { ...CLAIM, steps: 2 * STEPS };
/** The cells of the protocol. */
export const PLACES: readonly Place[] = [
  { ...CLAIM, domains: 1 },
  { ...CLAIM, domains: 4 },
  CLAIM,
  LONGER,
  { ...CLAIM, width: 16 },
  { ...CLAIM, width: 64 },
];

/** By the protocol, so many trainings choose, the first by their seeds, and so many behind them confirm a claim. */
export const CHOOSING = 2;
export const CONFIRMING = 4;

export const isAt = (one: Place, { width, domains, steps }: Place): boolean =>
  one.width === width && one.domains === domains && one.steps === steps;

/** Those that the protocol asks for. */
export function seedsAt(place: Place): number[] {
  return Array.from({ length: CHOOSING + (isAt(place, CLAIM) ? CONFIRMING : 0) }, (_, seed) => seed);
}

/** Domains that nothing was trained on: two that other networks were chosen by, and those that nothing was ever chosen by. */
const NEW_KINDS = ["playing-cards-53", "arabic-28"];
export const TEST_DOMAINS = ["seedlings-12", "oracle-bones-10", "sign-digits-10", "thai-digits-10", "glyphs-test", "icons-test"]; // prettier-ignore

/** "width 8, 8 domains", of trainings of another length "width 8, 8 domains, twice as long" */
export function placeText({ width, domains, steps }: Place): string {
  const length = steps === STEPS ? "" : steps === LONGER.steps ? ", twice as long" : `, ${steps} groups`;
  return `width ${width}, ${domains === 1 ? "one domain" : `${domains} domains`}${length}`;
}

/** The variables that `cellCommands` names. @example shellPlace({ width: 8, domains: 8, steps: 10_000 }, 1) // "WIDTH=8 DOMAINS=8 STEPS=10000 SEED=1" */
export function shellPlace({ width, domains, steps }: Place, seed: number): string {
  return `WIDTH=${width} DOMAINS=${domains} STEPS=${steps} SEED=${seed}`;
}

/** Domains in the order in which cells take them. */
const DOMAINS = ["cifar-100", "gtsrb-43", "hwdb-100", "food-101", "plankton-109", "grocery-81", "scene-chars-36", "glyphs-train"]; // prettier-ignore

function training(method: string, name: string, more: readonly string[]): string {
  const { config, settings, fromBase } = METHODS[method]!;
  const all = ["target.width=$WIDTH", "seed=$SEED", `name=map-${name}-$OF`, ...settings, ...more, ...(fromBase ? ["start=$A"] : [])]; // prettier-ignore
  return `pudnet train --config configs/map/${config}-$DOMAINS.yaml${all.map((setting) => ` --set ${setting}`).join("")}`;
}

function judging({ method, sketch, strength }: Omit<Contender, "title">, name: string = method): string {
  const also = sketch === "other-classes" ? "" : " $ALSO";
  const how = `${sketch === "own" ? "" : ` --sketch ${sketch}`}${strength === "1" ? "" : ` --strength ${strength}`}`;
  return `judge ${name} ${METHODS[method]!.checkpoint}${also}${how}`;
}

/**
 * Lines for a shell that train and judge a cell, by the variables of `shellPlace`.
 * @param work where records are collected from
 */
export function cellCommands(work: string): string[] {
  const isSingle = (method: string): boolean => !SPECIALISTS.includes(method);
  const contenders = CONTENDER_NAMES.map((name) => CONTENDERS[name]).filter(({ method }) => isSingle(method));
  return [
    "OF=$WIDTH-$DOMAINS-$STEPS-$SEED; A=runs/map-a-$OF-1/checkpoints/best.safetensors",
    `ALSO="${[...NEW_KINDS, ...TEST_DOMAINS].map((one) => `--also ${one}`).join(" ")}"`,
    "judge() {",
    `  for LABELS in ${LABEL_COUNTS.map((labels) => `"${labels} --groups ${LABELS[labels].groups}"`).join(" ")}; do`,
    `    pudnet evaluate --model runs/map-$1-$OF-1/checkpoints/$2.safetensors --config configs/map/groups-$DOMAINS.yaml --generation $LABELS --out ${work}/$1-$OF "\${@:3}"`,
    "  done",
    "}",
    ...Object.keys(METHODS).flatMap((method) => (isSingle(method) ? [training(method, method, ["steps=$STEPS"])] : [])),
    ...contenders.map((contender) => judging(contender)),
    `for DOMAIN in $(echo ${DOMAINS.join(" ")} | cut -d " " -f "1-$DOMAINS"); do`,
    "  SPLIT=drawn-60-20; if [ $DOMAIN = cifar-100 ]; then SPLIT=cifar-100-set; fi",
    ...Object.entries({ s: "$((STEPS / DOMAINS))", l: "$STEPS" }).flatMap(([method, steps]) => [
      `  ${training(method, `${method}-$DOMAIN`, [`steps=${steps}`, `validation.every=${steps}`, SOURCE])}`,
      `  ${judging({ ...own, method }, `${method}-$DOMAIN`)}`,
    ]),
    "done",
  ];
}

const SOURCE = '"data.sources=[{ dataset: $DOMAIN, split: $SPLIT }]"';
