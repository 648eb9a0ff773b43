// Every command: its name, what it does, and the module that is loaded once it is asked for.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";

export interface CommandRow {
  readonly name: string;
  readonly description: string;
  /** Runs programs on onnxruntime: the user is told when it is the slow build. */
  readonly computes: boolean;
  readonly load: () => Promise<CommandUnknownOpts>;
}

/** In the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: "quickstart",
    description: "predict a network for pictures of unseen classes, and compare it with training from scratch",
    computes: true,
    load: async () => (await import("./quickstart.ts")).quickstartCommand(),
  },
  {
    name: "predict",
    description:
      "a classifier for a folder of pictures, without training: a general network fitted to them, or weights predicted from them",
    computes: true,
    load: async () => (await import("./predict.ts")).predictCommand(),
  },
  {
    name: "finetune",
    description: "predict a classifier for a folder of pictures, then train all of it on them by a few epochs",
    computes: true,
    load: async () => (await import("./finetune.ts")).finetuneCommand(),
  },
  {
    name: "update",
    description: "add pictures and classes to a classifier, take classes away, or rename them",
    computes: true,
    load: async () => (await import("./update.ts")).updateCommand(),
  },
  {
    name: "classify",
    description: "label pictures with a classifier",
    computes: true,
    load: async () => (await import("./classify.ts")).classifyCommand(),
  },
  {
    name: "export",
    description: "write a classifier as a file that runs elsewhere: ONNX, JavaScript, C, ...",
    computes: false,
    load: async () => (await import("./export.ts")).exportCommand(),
  },
  {
    name: "serve",
    description: "the page: classifiers of your pictures and your webcam's, made in the browser",
    computes: false,
    load: async () => (await import("./serve.ts")).serveCommand(),
  },
  {
    name: "train",
    description: "meta-train a PudNet, or go on with a run that was interrupted",
    computes: true,
    load: async () => (await import("./train.ts")).trainCommand(),
  },
  {
    name: "worker",
    description: "compute groups for trainings on other machines (pudnet train --queue)",
    computes: true,
    load: async () => (await import("./worker.ts")).workerCommand(),
  },
  {
    name: "evaluate",
    description: "accuracy of a classifier on labelled pictures, or of a PudNet over groups of unseen classes",
    computes: true,
    load: async () => (await import("./evaluate.ts")).evaluateCommand(),
  },
  {
    name: "reproduce",
    description: "where the experiments of the paper are run",
    computes: false,
    load: async () => (await import("./reproduce.ts")).reproduceCommand(),
  },
  {
    name: "data",
    description: "get public datasets, or make sets of pictures (icons, emoji, textures, ...)",
    computes: false,
    load: async () => (await import("./data.ts")).dataCommand(),
  },
  {
    name: "checks",
    description:
      "check Node, onnxruntime, memory, a tiny training step and the disk, and say how to mend what is wrong",
    computes: false,
    load: async () => (await import("./checks.ts")).checksCommand(),
  },
];
