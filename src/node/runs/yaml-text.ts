// YAML from files and options. What the library takes long for, or ends the process with, is refused before it is parsed: deep
// nesting exhausts the stack, and duplicate keys are looked for in quadratic time.

import { Lexer, parseDocument, Parser } from "yaml";

/** A config has some hundred. */
const MOST_TOKENS = 20_000;
const DEEPEST = 50;

/**
 * The value of a YAML text; null for an empty one.
 * @param refuse makes the error for a text that is wrong: what it "is", and what the library said
 * @example parseYamlText("a: [1, 2]", (what) => new Error(what)) // { a: [1, 2] }
 */
export function parseYamlText(text: string, refuse: (what: string, cause?: unknown) => Error): unknown {
  let tokens = 0;
  for (const _ of new Lexer().lex(text))
    if (++tokens > MOST_TOKENS) throw refuse(`more than ${MOST_TOKENS} words long`);
  if (depthOf(text) > DEEPEST) throw refuse(`nested more than ${DEEPEST} deep`);
  const document = parseDocument(text, { logLevel: "silent" });
  // an unknown tag or directive is only a warning, but what it asks for is not done
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong) throw refuse(`not YAML: ${wrong.message.split("\n")[0]!.replace(/:$/, "")}`, wrong);
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value); // an alias inside its own anchor makes a circle
    return value;
  } catch (cause) {
    if (cause instanceof ReferenceError) throw refuse(`not YAML: ${cause.message}`, cause);
    if (cause instanceof TypeError) throw refuse("not a tree: a part of it contains itself", cause);
    throw cause;
  }
}

/** How deep collections are nested, without recursion; block collections count as flow collections do. */
function depthOf(text: string): number {
  let deepest = 0;
  for (const token of new Parser().parse(text)) deepest = Math.max(deepest, depthBelow(token));
  return deepest;
}

interface Token {
  readonly value?: Token;
  readonly items?: readonly { readonly key?: Token | null; readonly value?: Token }[];
}

function depthBelow(root: unknown): number {
  let deepest = 0;
  const open: [token: Token, depth: number][] = [[root as Token, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [{ value, items = [] }, depth] = next;
    deepest = Math.max(deepest, depth);
    for (const inner of [value, ...items.flatMap((item) => [item.key, item.value])]) {
      if (typeof inner === "object" && inner !== null) open.push([inner, depth + 1]);
    }
  }
  return deepest;
}
