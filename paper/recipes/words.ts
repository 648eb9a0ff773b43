// What a recipe says on a page: every word and number is printed from the recipe itself.

import { architecture, pudnetSchema } from "pudnet/engine";
import type { CheckpointFile, Protocol } from "pudnet/evaluation";
import { type OptimizerRecipe, parallelismOf, type SingleConfig } from "pudnet/methods";
import { SOURCES } from "./datasets.ts";
import { isMade, shippedFile } from "./shipped.ts";
import type { EvaluationRecipe, MusmlRecipe, NetworkRecipe, PudNetRecipe } from "./recipe.ts";

/** How what is judged came about. For example: "cross entropy, 6 epochs of Adam 1e-3 falling to zero". */
export function wordsOf(recipe: EvaluationRecipe): string {
  switch (recipe.kind) {
    case "pudnet": {
      const { network, norm, strength, wrongSketch } = recipe;
      return [
        trainingWords(network),
        norm === "generation" && "batch norm fitted to the generation set",
        strength !== undefined && strengthWords(strength),
        wrongSketch && wrongSketchWords(wrongSketch),
      ]
        .filter(Boolean)
        .join("; ");
    }
    case "predict":
      return `${trainingWords(recipe.network)}; batch norm fitted to the generation set`;
    case "fixed":
    case "musml":
      return trainingWords(recipe.network);
    case "random":
      return "not trained; batch norm fitted to the generation set";
    case "pixels":
      return "no network";
    case "supervised": {
      const { batch, optimizer, start, bodyRate = 1 } = recipe;
      const steps = `${batch} images a step, on each test group`;
      if (!start) return `${optimizerWords(optimizer)}, ${steps}`;
      const rest = rateText(bodyRate * optimizer.learningRate);
      return `start: ${trainingWords(start)}; head: ${optimizerWords(optimizer)}, all else: ${rest}, ${steps}`;
    }
  }
}

/** How a network is trained. */
function trainingWords(recipe: NetworkRecipe): string {
  if (recipe.method === "pudnet") return pudnetWords(recipe);
  if (recipe.method === "file") return fileWords(recipe);
  const flips = recipe.augment ? ", flips and shifts" : "";
  const trained = `${optimizerWords(recipe.optimizer)}${flips}`;
  if (recipe.method === "musml") return `${recipe.steps} tasks of ${trained}, ${musmlWords(recipe)}`;
  if (recipe.method === "pretrained") {
    const neck = recipe.neck === undefined ? "" : ` through the embedding of ${recipe.neck}`;
    return `cross entropy${neck}, ${recipe.epochs} epochs of ${trained}`;
  }
  const before = recipe.start ? `${trainingWords(recipe.start)}; then ` : "";
  return `${before}${recipe.steps * recipe.tasksPerStep} tasks of ${trained}`;
}

function fileWords(recipe: CheckpointFile): string {
  const { file, config, source, steps, of } = shippedFile(recipe);
  if (!isMade(recipe)) return `${file}, which is not made yet: of ${config}`;
  const hash = recipe.sha256.slice(0, 16);
  const unit = source === undefined ? "steps" : "groups";
  return `${file} (SHA-256 ${hash}): of ${config}, ${steps === of ? "the last state" : "the state that was best in validation"}, after ${steps} of ${of} ${unit}`;
}

/** Training groups, tasks or steps of the network that is judged or fine-tuned; undefined where there are none. */
export function trainGroups(recipe: EvaluationRecipe): number | undefined {
  const network = "network" in recipe ? recipe.network : "start" in recipe ? recipe.start : undefined;
  if (!network || network.method === "pretrained") return undefined;
  if (network.method === "pudnet") return network.config.steps * parallelismOf(network.config).groupsPerStep;
  if (network.method === "file") return isMade(network) ? shippedFile(network).steps : undefined;
  return network.steps * (network.method === "episodic" ? network.tasksPerStep : 1);
}

/** The set that is trained on, or that pixels are normalised by: "CIFAR-100-set"; "mixture" of several. */
export function sourceTitle(recipe: EvaluationRecipe): string {
  const dataset = sourceDataset(recipe);
  return Object.values(SOURCES).find((source) => source.dataset === dataset)?.title ?? dataset;
}

/** The same as recipes name it. */
export function sourceDataset(recipe: EvaluationRecipe): string {
  if (!("network" in recipe)) return recipe.normalization.dataset;
  const { network } = recipe;
  if (network.method === "pudnet") return network.config.data.dataset;
  if (network.method !== "file") return network.source.dataset;
  const { source } = shippedFile(network);
  return source === undefined ? "mixture" : SOURCES[source].dataset;
}

/** The target network: "convnet-3, width 64, stem 3x3". */
export function targetWords(recipe: EvaluationRecipe): string {
  const { arch, width, stem, readout } = targetOf(recipe);
  const read = readout === undefined ? "" : `, readout ${readout}`;
  return `${arch}, width ${width}, stem ${stem ?? architecture(arch, recipe.protocol.side).stem}${read}`;
}

function targetOf(recipe: EvaluationRecipe): SingleConfig["target"] {
  if (!("network" in recipe)) return recipe.target;
  const { network } = recipe;
  if (network.method === "file") return shippedFile(network).target;
  return network.method === "pudnet" ? network.config.target : network.target;
}

const FAITHFUL: Readonly<Record<string, unknown>> = pudnetSchema.parse({});

/** Algorithm 1: its optimizer, beta, and the options that are not the paper's, as a config has them. */
function pudnetWords({ config, start }: PudNetRecipe): string {
  const { optimizer, data, pudnet } = config;
  const changes = Object.entries(pudnet).filter(([name, value]) => name !== "beta" && value !== FAITHFUL[name]);
  return [
    ...(start ? [`start: ${trainingWords(start)}`] : []),
    `${groupsWords(config)} of ${optimizerWords({ ...optimizer, algorithm: "adam" })}`,
    `beta ${pudnet.beta}`,
    ...changes.map(([name, value]) => `${name} ${value}`),
    ...(data.augment ? ["flips and shifts"] : []),
    ...(data.turnedClasses ? ["with classes turned by 90, 180, 270 degrees"] : []),
  ].join("; ");
}

/** "1500 groups", "1500 groups, 2 a step,", "1504 groups in 2 streams, averaged after 8 steps,". */
function groupsWords(config: SingleConfig): string {
  const { groupsPerStep, localSteps } = parallelismOf(config);
  const groups = `${config.steps * groupsPerStep} groups`;
  if (groupsPerStep === 1) return groups;
  return localSteps === 1
    ? `${groups}, ${groupsPerStep} a step,`
    : `${groups} in ${groupsPerStep} streams, averaged after ${localSteps} steps,`;
}

function musmlWords({ options: { subspaces, dimension, innerSteps, secondOrder = true } }: MusmlRecipe): string {
  const order = secondOrder ? "second" : "first";
  return `${subspaces} subspaces of dimension ${dimension}, ${innerSteps} inner steps, ${order}-order gradients`;
}

/** "Adam 1e-3, rising over 500 steps, then falling to zero, gradients clipped at 10". */
function optimizerWords(optimizer: OptimizerRecipe): string {
  const { algorithm, learningRate, warmUp = 0, decay, momentum, weightDecay, centralize, clip } = optimizer;
  return [
    `${algorithm === "adam" ? "Adam" : "SGD"} ${rateText(learningRate)}`,
    momentum && weightDecay ? ` (momentum ${momentum}, decay ${rateText(weightDecay)})` : "",
    warmUp > 0 ? `, rising over ${warmUp} steps` : "",
    decay === "linear" ? `${warmUp > 0 ? ", then" : ""} falling to zero` : "",
    decay === "tenth-at-90%" ? ", a tenth of it after 90 %" : "",
    centralize ? " with centralised gradients" : "",
    clip === undefined ? "" : `, gradients clipped at ${clip}`,
  ].join("");
}

/** "1e-3", "0.1". */
const rateText = (value: number): string => (value < 0.01 ? value.toExponential() : String(value));

function strengthWords(strength: number | "auto"): string {
  return strength === "auto"
    ? "none, half or all of the change, as labelled images left out prefer"
    : `the change at strength ${strength}`;
}

function wrongSketchWords({ ways, classes }: Protocol): string {
  const of = Object.values(SOURCES).find(({ split }) => classes !== "all" && classes.testOf === split);
  return `the sketch is of ${ways} other test classes${of ? ` of ${of.title}` : ""}`;
}
