// The paper's numbers (Wang et al., arXiv 2310.11862): accuracy in %, its 95 % interval, seconds where printed.

/** What the paper prints, accuracies in %. */
export interface PrintedResult {
  readonly accuracy: number;
  readonly ci95?: number;
  readonly seconds?: number;
}

/** "96.24 0.39 0.50" -> accuracy, interval, seconds. */
function figure(text: string): PrintedResult {
  const [accuracy, ci95, seconds] = text.split(" ").map(Number) as [number, number, number?];
  return { accuracy, ci95, ...(seconds === undefined ? {} : { seconds }) };
}

/** A table: columns, then per row its figures; "-" where the paper has none. */
function table(columns: readonly string[], rows: Readonly<Record<string, string>>) {
  const cells = new Map<string, PrintedResult>();
  for (const [row, line] of Object.entries(rows)) {
    line.split(/ *\| */).forEach((text, c) => {
      if (text !== "-") cells.set(`${row}/${columns[c]}`, figure(text));
    });
  }
  const figureOf = (row: string, column: string): PrintedResult | undefined => cells.get(`${row}/${column}`);
  return Object.assign(figureOf, { rows: Object.keys(rows), columns });
}

/** Table I, ResNet-18 within each set. */
export const TABLE_1 = table(["fashion-set", "cifar-100-set", "imagenet-100-set"], {
  pretrained: "93.76 0.47 | 64.58 0.59 | 65.67 0.73",
  matchnet: "90.16 0.53 | 56.23 0.71 | 53.17 0.91",
  protonet: "93.64 0.47 | 60.29 0.59 | 58.95 0.83",
  "meta-baseline": "95.35 0.29 | 67.51 0.55 | 67.16 0.70",
  "meta-deepbdc": "94.28 0.31 | 69.54 0.49 | 68.48 0.60",
  musml: "95.87 0.44 2.55 | 66.47 0.63 2.59 | 66.03 0.91 2.60",
  "adam-1": "93.98 1.21 1.83 | 52.82 1.01 3.96 | 46.43 1.18 4.81",
  "adam-30": "99.91 0.05 54.22 | 74.56 0.45 118.87 | 71.84 0.69 140.37",
  "adam-50": "99.87 0.11 91.19 | 79.85 0.47 198.12 | 75.98 0.71 231.63",
  "gc-1": "94.11 1.25 1.88 | 53.21 1.23 4.01 | 47.55 1.33 4.82",
  "gc-30": "99.94 0.05 54.93 | 75.74 0.59 119.03 | 72.89 0.73 140.98",
  "gc-50": "99.96 0.03 91.73 | 79.98 0.55 199.61 | 76.73 0.87 232.57",
  pudnet: "96.24 0.39 0.50 | 73.33 0.54 0.49 | 71.57 0.71 0.50",
});

/** Training from scratch on whole sets: the same rows stand in Tables II, III and V. */
const SCRATCH_ACROSS = {
  "adam-1": "22.09 0.58 31.29 | 21.37 0.71 60.79 | 18.83 0.19 4.03",
  "adam-5": "49.12 0.08 156.56 | 33.76 0.44 310.29 | 24.17 0.72 26.01",
  "adam-10": "66.44 0.37 311.74 | 48.21 0.25 621.75 | 33.26 0.90 51.79",
  "adam-20": "73.47 0.67 623.92 | 65.17 0.55 1248.23 | 42.51 0.44 102.11",
  "adam-50": "77.81 0.34 1558.51 | 80.25 0.61 3109.87 | 52.16 0.56 257.91",
  "gc-1": "23.01 1.02 30.79 | 21.44 1.02 60.99 | 18.67 0.34 4.01",
  "gc-5": "49.77 0.54 155.34 | 34.41 0.78 310.33 | 24.43 0.83 25.87",
  "gc-10": "68.56 0.39 310.29 | 49.89 0.53 622.01 | 35.49 0.61 51.70",
  "gc-20": "75.04 0.61 623.33 | 66.78 0.47 1248.98 | 44.05 0.52 102.63",
  "gc-50": "77.98 0.45 1557.76 | 82.03 0.42 3109.14 | 53.58 0.61 257.24",
};
const ACROSS = ["animals-10", "cifar-10", "dtd"];

/** Table II, from CIFAR-100-set. */
export const TABLE_2 = table(ACROSS, {
  ...SCRATCH_ACROSS,
  pretrained: "33.36 0.75 | 40.93 0.48 | 30.27 0.58",
  matchnet: "33.08 0.70 | 39.82 0.69 | 27.17 0.73",
  protonet: "36.33 0.60 | 43.22 0.54 | 32.66 0.63",
  "meta-baseline": "38.27 0.53 | 45.43 0.59 | 34.25 0.58",
  "meta-deepbdc": "40.50 0.64 | 47.15 0.63 | 35.50 0.71",
  musml: "37.78 0.59 3.21 | 45.37 0.57 5.34 | 33.34 0.68 2.18",
  pudnet: "43.21 0.69 0.49 | 51.05 0.56 0.56 | 38.05 0.73 0.39",
});

/** Table III, from ImageNet-100-set. */
export const TABLE_3 = table(ACROSS, {
  ...SCRATCH_ACROSS,
  pretrained: "34.79 0.49 | 34.54 0.63 | 31.05 0.51",
  matchnet: "32.38 0.82 | 31.98 0.72 | 28.15 0.67",
  protonet: "35.78 0.64 | 35.21 0.74 | 31.58 0.77",
  "meta-baseline": "36.21 0.42 | 38.34 0.69 | 33.07 0.83",
  "meta-deepbdc": "38.57 0.55 | 40.93 0.71 | 34.01 0.69",
  musml: "36.89 0.44 3.21 | 37.12 0.65 5.34 | 33.67 0.63 2.18",
  pudnet: "42.43 0.58 0.48 | 45.07 0.70 0.57 | 47.50 0.71 0.39",
});

/** Table IV, top-5 of 200 ways on ImageNet-1K-set; GC by steps. */
export const TABLE_4 = table(["imagenet-1k-set"], {
  pretrained: "35.77 0.84",
  "meta-baseline": "38.92 0.93",
  "meta-deepbdc": "39.15 1.12",
  musml: "41.33 0.95 35.17",
  "gc-steps-100": "9.35 1.42 229.33",
  "gc-steps-2000": "37.48 0.81 4488.71",
  "gc-steps-4000": "44.65 0.97 8967.55",
  "gc-steps-6000": "52.03 0.85 13453.29",
  pudnet: "44.92 0.91 3.89",
});

/** Table V, from ImageNet-1K-set. */
export const TABLE_5 = table(ACROSS, {
  ...SCRATCH_ACROSS,
  pretrained: "51.02 0.54 | 40.31 0.69 | 44.19 0.61",
  "meta-baseline": "52.19 0.63 | 42.66 0.72 | 45.43 0.89",
  "meta-deepbdc": "54.37 0.59 | 44.74 0.70 | 46.53 0.72",
  musml: "53.81 0.58 4.08 | 44.23 0.74 6.07 | 45.92 0.76 2.91",
  pudnet: "58.51 0.63 0.51 | 51.03 0.68 0.63 | 54.50 0.74 0.32",
});

/** Table VI, ablations with ResNet-18; the last three are from ImageNet-100-set. */
export const TABLE_6 = table(["fashion-set", "cifar-100-set", "imagenet-100-set", ...ACROSS], {
  "no-context": "93.08 0.44 | 65.35 0.51 | 61.42 0.70 | 37.21 0.51 | 39.43 0.68 | 37.79 0.83",
  metric: "94.75 0.44 | 68.60 0.61 | 61.28 0.85 | 40.35 0.60 | 43.78 0.69 | 43.67 0.72",
  "no-kl": "95.44 0.38 | 70.27 0.54 | 67.53 0.73 | 41.23 0.68 | 43.98 0.74 | 45.12 0.88",
  pudnet: "96.24 0.39 | 73.33 0.54 | 71.57 0.71 | 42.43 0.58 | 45.07 0.70 | 47.50 0.71",
});

/** Table VII, other target networks on CIFAR-100-set (the set is our inference: the table does not name it). */
export const TABLE_7 = table(["convnet-3", "resnet-34"], {
  pretrained: "58.35 0.61 | 65.03 0.53",
  matchnet: "47.75 0.73 | 60.37 0.70",
  protonet: "51.96 0.57 | 64.28 0.58",
  "meta-baseline": "57.69 0.38 | 67.40 0.69",
  "meta-deepbdc": "60.52 0.41 | 69.64 0.75",
  musml: "56.49 0.56 1.21 | 66.39 0.59 3.11",
  "adam-1": "49.11 1.03 0.99 | 47.39 1.36 5.47",
  "adam-30": "64.54 0.40 28.37 | 71.17 0.53 153.87",
  "adam-50": "70.68 0.53 49.02 | 78.72 0.71 263.25",
  "gc-1": "50.23 1.23 0.99 | 48.44 1.41 5.52",
  "gc-30": "66.76 0.54 29.8 | 72.37 0.75 154.19",
  "gc-50": "71.56 0.63 50.2 | 79.85 0.83 264.03",
  pudnet: "64.09 0.40 0.03 | 72.87 0.64 0.59",
});

/** Table VIII, fine-tuning. */
export const TABLE_8 = table(["cifar-100-set", "dtd"], {
  pretrained: "59.75 0.24 | 53.43 0.43",
  matchnet: "56.83 0.40 | 52.26 0.71",
  protonet: "58.14 0.29 | 54.44 0.64",
  "meta-baseline": "60.05 0.27 | 54.52 0.58",
  "meta-deepbdc": "61.35 0.28 | 55.09 0.63",
  musml: "59.28 0.29 | 53.61 0.69",
  adam: "48.25 0.30 | 52.16 0.56",
  gc: "50.03 0.32 | 53.58 0.61",
  pudnet: "65.19 0.22 | 58.25 0.57",
});
