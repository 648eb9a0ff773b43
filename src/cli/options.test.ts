// Options that would be accepted and say nothing, and values that only look like numbers, at all commands.

import type { EventEmitter } from "node:events";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { classifierPlace } from "./classifier-place.ts";
import { COMMANDS } from "./commands.ts";
import { positiveNumber, requireOutside, wholeNumber } from "./options.ts";
import { refuseSlips } from "./slips.ts";

/** What a command line ends in before any work: nothing that it names is there. */
async function refusal(...args: string[]): Promise<Error> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const row = COMMANDS.find(({ name }) => name === args[0])!;
  const command = await row.load();
  command.copyInheritedSettings(program);
  refuseSlips(command);
  program.addCommand(command);
  return await program.parseAsync(args, { from: "user" }).then(
    () => expect.unreachable(`pudnet ${args.join(" ")} was accepted`),
    (error: Error) => error,
  );
}

describe("options without effect are refused, with the way out", () => {
  it.each([
    ["train --resume r --set steps=5", /^--set says nothing with --resume$/, /--config r\/config.yaml --set KEY=VALUE/],
    ["train --resume r --runs elsewhere", /^--runs says nothing with --resume$/, /a run keeps its config/],
    ["train --resume r --config c.yaml", /^give either --config or --resume, not both$/, /--resume goes on/],
    ["train --runs elsewhere", /^give either --config or --resume$/, /--config starts/],
    ["train --config c.yaml --config d.yaml", /^--config is given twice$/, /once/],
    ["predict nowhere --force", /^--force says nothing without --out$/, /--out/],
    ["finetune nowhere --force", /^--force says nothing without --out$/, /--out/],
    ["update nowhere --rename a=b --force", /^--force says nothing without --out$/, /DIR itself is changed/],
    ["predict nowhere --seed 1 --seed 2", /^--seed is given twice$/, /once/],
    ["evaluate --classifier c --data d --groups 5", /^--groups says nothing with --classifier$/, /leave it out/],
    ["evaluate --classifier c --data d --seed 0", /^--seed says nothing with --classifier$/, /leave it out/],
    ["evaluate --classifier c --data d --out x.csv", /^--out says nothing with --classifier$/, /--report/],
    ["evaluate --model m --data d --report x.html", /^--report says nothing with --model$/, /--out/],
    ["evaluate --model m --classifier c --data d", /exclude each other/, /--classifier to evaluate/],
  ])("pudnet %s", async (line, message, hint) => {
    const error = await refusal(...line.split(" "));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      exitCode: 2,
      hint: expect.stringMatching(hint),
    });
  });

  it("every option with a value refuses an empty one, and all but lists a second one", async () => {
    for (const row of COMMANDS) {
      const top = await row.load();
      for (const command of [top, ...top.commands]) {
        refuseSlips(command);
        for (const option of command.options.filter(({ required }) => required)) {
          const emitter = command as unknown as EventEmitter;
          const emit = (text: string) => () => void emitter.emit(`option:${option.name()}`, text);
          const twice = () => [emit("1"), emit("1")].forEach((once) => once());
          const what = `pudnet ${command.name()} ${option.long}`;
          if (!option.parseArg) expect(emit(""), what).toThrow(`${option.long} is empty`);
          const isList = Array.isArray(option.defaultValue);
          if (!option.parseArg && !isList) expect(twice, what).toThrow(`${option.long} is given twice`);
        }
      }
    }
  });

  it.each(["predict", "finetune", "classify"])("pudnet %s refuses an empty name", async (verb) => {
    const error = await refusal(verb, "", ...(verb === "classify" ? ["x.png"] : []));
    expect(error).toMatchObject({ message: expect.stringMatching(/^an empty name/), exitCode: 2 });
  });
});

const NO_NUMBERS = ["", " ", "1e400", "0x10", "0b1", "NaN", "Infinity", "-1", "-0", "1,5", "1_000", "½", "٣", "one"];

it.each([...NO_NUMBERS, "1e3", "1.5", "+1", "9007199254740993", "1".repeat(400)])("%j is no whole number", (text) => {
  expect(() => wholeNumber(0)(text)).toThrow("Expected a whole number of at least 0.");
});

it.each([...NO_NUMBERS, "0", "0.0", "1e-400", "1e309", ".", "e5", "+1"])("%j is no number above 0", (text) => {
  expect(() => positiveNumber(text)).toThrow("Expected a number above 0, such as 0.001.");
});

it("numbers are read as they are written", () => {
  expect(["0", "7", "007", "9007199254740991"].map(wholeNumber(0))).toEqual([0, 7, 7, Number.MAX_SAFE_INTEGER]);
  expect(["1e-3", "0.5", ".5", "2.", "1E5"].map(positiveNumber)).toEqual([0.001, 0.5, 0.5, 2, 1e5]);
  expect(() => wholeNumber(1, 1024)("1025")).toThrow("Expected a whole number from 1 to 1024.");
});

it.each(["pets", "pets/cat", "."])(
  "results in the pictures are refused with a way out that is one, from %s",
  async (from) => {
    const root = await mkdtemp(join(tmpdir(), "pudnet-outside-"));
    const before = process.cwd();
    try {
      await mkdir(join(root, "pets/cat"), { recursive: true });
      process.chdir(join(root, from));
      const folder = relative(process.cwd(), join(root, "pets")) || ".";
      const inside = join(folder, "predictions");
      const error = await classifierPlace(folder, { out: from === "." ? inside : undefined, force: false }).then(
        () => expect.unreachable(),
        (reason: UserError) => reason,
      );
      expect(error.message).toMatch(/predictions", where results are to be written, lies in the folder of pictures/);
      const hinted = / --out (\S+)$/.exec(error.hint!)![1]!;
      expect(resolve(hinted)).toBe(join(root, "my-classifier"));
      expect(await classifierPlace(folder, { out: hinted, force: false })).toMatchObject({ folder: hinted });
    } finally {
      process.chdir(before);
      await rm(root, { recursive: true });
    }
  },
);

it("a place in the folder of pictures is refused, by a link or not; one beside it is not", async () => {
  const root = await mkdtemp(join(tmpdir(), "pudnet-outside-"));
  try {
    await mkdir(join(root, "pets/cat"), { recursive: true });
    await symlink("pets", join(root, "link"));
    await symlink("pets/cat", join(root, "cat"));
    const outside = (folder: string, out: string) => () => requireOutside(join(root, folder), join(root, out));
    for (const out of ["pets", "pets/out", "link/out", "cat/new/out", "pets/../link"]) {
      expect(outside("pets", out)).toThrow(/lies in the folder of pictures/);
      expect(outside("link", out)).toThrow(/lies in the folder of pictures/);
    }
    for (const out of ["out", "pets-out", "link-out/deep"]) expect(outside("link", out)).not.toThrow();
  } finally {
    await rm(root, { recursive: true });
  }
});
