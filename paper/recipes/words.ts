// What a recipe says on a page: every word and number is printed from the recipe itself.

import type { Protocol } from "pudnet/evaluation";
import type { OptimizerRecipe } from "pudnet/methods";
import { SOURCES } from "./datasets.ts";
import { shippedFile } from "./shipped.ts";
import type { EpisodicRecipe, EvaluationRecipe, NetworkRecipe, PretrainedRecipe } from "./recipe.ts";

type Of<R extends EvaluationRecipe, K extends R["kind"]> = Extract<R, { readonly kind: K }>;

/** How what is judged came about. For example: "3000 tasks of Adam 1e-3 falling to zero". */
export function wordsOf(recipe: EvaluationRecipe): string {
  switch (recipe.kind) {
    case "pudnet": {
      const { network, wrongSketch } = recipe;
      if (network.method === "file") return trainingWords(network);
      const sketch = wrongSketch ? `; ${wrongSketchWords(wrongSketch)}` : "";
      const beta = network.config.data.turnedClasses ? "" : `; beta ${network.config.pudnet.beta}`;
      return `${trainingWords(network)}${beta}${sketch}`;
    }
    case "fixed":
    case "musml":
      return trainingWords(recipe.network);
    case "random":
      return "not trained; batch norm fitted to the generation set";
    case "pixels":
      return "no network";
    case "supervised":
      return supervisedWords(recipe);
  }
}

/** How a network is trained. */
export function trainingWords(recipe: NetworkRecipe): string {
  switch (recipe.method) {
    case "file": {
      const { file, config, steps, of } = shippedFile(recipe);
      return `${file} (SHA-256 ${recipe.sha256.slice(0, 16)}): of ${config}, the state that was best in validation, after ${steps} of ${of} groups`;
    }
    case "pudnet": {
      const { steps, optimizer, data } = recipe.config;
      const adam = optimizerWords({ ...optimizer, algorithm: "adam" });
      const turned = data.turnedClasses ? "; classes turned by 90, 180, 270 degrees are further classes" : "";
      return `${steps} groups of ${adam}; gradients clipped at ${optimizer.clip}${turned}`;
    }
    case "pretrained":
      return `cross entropy, ${recipe.epochs} epochs of ${optimizerWords(recipe.optimizer)}${augmentWords(recipe)}`;
    case "episodic":
      return episodicWords(recipe);
    case "musml": {
      const { steps, optimizer } = recipe;
      const { subspaces, dimension, innerSteps, secondOrder = true } = recipe.options;
      const subspace = `${subspaces} subspaces of dimension ${dimension}, ${innerSteps} inner steps`;
      const clipped = `gradients clipped at ${optimizer.clip}`;
      return `${steps} tasks of ${optimizerWords(optimizer)}, ${clipped}, ${subspace}, ${secondOrder ? "second" : "first"}-order gradients`;
    }
  }
}

function episodicWords(recipe: EpisodicRecipe): string {
  const { steps, tasksPerStep, optimizer, start } = recipe;
  const tasks = `${steps * tasksPerStep} tasks of`;
  if (!start) return `${tasks} ${optimizerWords(optimizer)}${augmentWords(recipe)}`;
  const before = start.neck ? "a network pre-trained through the same pooling" : "Pretrained";
  return `${before}${start.augment ? " (stronger recipe)" : ""}, then ${tasks} ${rateWords(optimizer)}`;
}

/** Training on each test group: from random weights, or fine-tuning. */
function supervisedWords({ batch, optimizer, start, bodyRate = 1 }: Of<EvaluationRecipe, "supervised">): string {
  if (!start) return `${optimizerWords(optimizer)}, ${batch} images a step, on each test group`;
  const rates = `head: ${optimizerWords(optimizer)}, all else: ${numberWords(bodyRate * optimizer.learningRate)}`;
  return `start: ${wordsOfStart(start)}; ${rates}, ${batch} images a step`;
}

function wordsOfStart(start: NetworkRecipe): string {
  return start.method === "pudnet" ? `${trainingWords(start)}; beta ${start.config.pudnet.beta}` : trainingWords(start);
}

/** For example: "Adam 1e-3 falling to zero". */
function optimizerWords(optimizer: OptimizerRecipe): string {
  const { warmUp = 0, decay, momentum, weightDecay, centralize } = optimizer;
  return [
    rateWords(optimizer),
    momentum && weightDecay ? ` (momentum ${momentum}, decay ${numberWords(weightDecay)})` : "",
    warmUp > 0 ? `, rising over ${warmUp} steps, then` : "",
    decay === "linear" ? " falling to zero" : "",
    centralize ? " with centralised gradients" : "",
  ].join("");
}

const rateWords = ({ algorithm, learningRate }: OptimizerRecipe): string =>
  `${algorithm === "adam" ? "Adam" : "SGD"} ${numberWords(learningRate)}`;

const augmentWords = ({ augment }: PretrainedRecipe | EpisodicRecipe): string => (augment ? ", flips and shifts" : "");

/** "1e-3", "0.1". */
const numberWords = (value: number): string => (value < 0.01 ? value.toExponential() : String(value));

function wrongSketchWords({ ways, classes }: Protocol): string {
  const of = Object.values(SOURCES).find(({ split }) => classes !== "all" && classes.testOf === split);
  return `the sketch is of ${ways} other test classes of ${of?.title ?? "another set"}`;
}
