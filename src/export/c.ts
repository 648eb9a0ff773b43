// A classifier as C99 for microcontrollers: a header and a source, whole numbers of 8 bits, no allocation, no library.

import { UserError } from "../errors.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { aboutFile, asciiJson, comment, type Exporter } from "./about.ts";
import { arenaOf } from "./c-arena.ts";
import { codeOf } from "./c-classify.ts";
import { tablesOf } from "./c-tables.ts";
import { LICENCE } from "./licence.ts";
import { pack } from "./pack.ts";
import { featuresOf, type WholePlan } from "./plan.ts";

/** Bytes that a classifier takes, but for code (about 4 kB) and stack (under 200 bytes). */
export interface Memory {
  readonly flash: number;
  readonly ram: number;
}

export interface CFiles {
  readonly header: string;
  readonly source: string;
  readonly memory: Memory;
}

/**
 * Header and source, for files `name`.h and `name`.c, whose functions begin with the name.
 * @throws UserError where the name can be no part of a file of C
 * @example exportC(classifier, quantised(classifier, images), "pets").header.includes("int pets_classify(") // true
 */
export function exportC(classifier: Classifier, plan: WholePlan, name: string, exporter: Exporter = {}): CFiles {
  const prefix = identifier(name);
  const about = asciiJson(aboutFile(classifier, "int8", exporter));
  const head = comment(`A classifier of pictures, made by PudNet. ${about}\n\n${LICENCE}`);
  const arena = arenaOf(plan);
  const include = `#include "${name}.h"`;
  return {
    header: `${head}\n${headerOf(plan, prefix)}`,
    source: `${head}\n${include}\n${tablesOf(plan, prefix, arena)}${codeOf(plan, prefix, arena)}`,
    memory: memoryOf(plan, arena.size),
  };
}

/** What programs see of it. */
function headerOf({ side, classes }: WholePlan, prefix: string): string {
  const upper = prefix.toUpperCase();
  return `#ifndef ${upper}_H
#define ${upper}_H

#include <stdint.h>

#define ${upper}_SIDE ${side}
#define ${upper}_CLASSES ${classes.length}

#ifdef __cplusplus
extern "C" {
#endif

/* Names of classes in UTF-8. */
extern const char *const ${prefix}_labels[${upper}_CLASSES];

/* The class of a picture, from 0 on. rgb: ${side} rows from the top of ${side} pixels, a byte each for red, green and blue
   (${side * side * 3} bytes). scores: gets ${classes.length} probabilities. Not for two threads at once. */
int ${prefix}_classify(const uint8_t *rgb, float *scores);

/* Whether the picture that was classified last is like nothing that the classifier was made from. */
int ${prefix}_is_unknown(void);

#ifdef __cplusplus
}
#endif

#endif
`;
}

function memoryOf(plan: WholePlan, arena: number): Memory {
  const POINTERS = 4;
  const STEP = 80; // a row of the table of steps where pointers have 32 bits
  const labels = plan.classes.reduce(
    (total, label) => total + new TextEncoder().encode(label).length + 1 + POINTERS,
    0,
  );
  const { bytes } = pack(plan);
  const lengths = plan.unknown ? 4 * plan.classes.length : 0;
  return {
    flash: bytes.length + lengths + labels + 3 * 256 + STEP * plan.steps.length,
    ram: arena + 4 * featuresOf(plan),
  };
}

/** Headers of C and POSIX that are short words: a file of that name beside a program would stand in for them. */
const HEADERS = new Set(
  (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef " +
    "stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar wctype fcntl memory pthread regex sched termios unistd"
  ).split(" "),
);

/**
 * What the functions of a C file are called after.
 * @throws UserError for what cannot stand between quotes in an #include, and for names of system headers
 */
export function identifier(name: string): string {
  if (HEADERS.has(name.toLowerCase())) {
    throw new UserError(`"${name}.h" is a header of C: programs that ask for it would find the classifier`, {
      hint: `give another name, such as --out ${name}-classifier.c`,
      exitCode: 2,
    });
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw new UserError(`"${name}" can be no name of a C file: it may have letters, digits, "_", "-" and "." alone`, {
      hint: "give another name, such as --out pets.c",
      exitCode: 2,
    });
  }
  return name.replaceAll(/\W/g, "_").replace(/^(?=[\d_])/, "c");
}
