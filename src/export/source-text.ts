// The text of a function that stands in exported files, however the library was bundled.

/**
 * A function as an expression. Bundlers that keep names (`keepNames` of esbuild and rolldown) put calls such as
 * `__name(inner, "inner")` into it, of a helper that stays behind: a helper that does nothing goes with the text.
 * @param inner names of functions that it declares: strings of its text only where a bundler kept names
 * @example sourceText(runPlan, ["square"]).startsWith("function") // true, where names are not kept
 */
export function sourceText(whole: (...args: never[]) => unknown, inner: readonly string[]): string {
  const text = whole.toString();
  const helpers = new Set(
    inner.flatMap((name) => {
      const call = new RegExp(`([\\w$]+)\\(\\s*[\\w$]+\\s*,\\s*(["'\`])${name}\\2\\s*\\)`, "g");
      return Array.from(text.matchAll(call), ([, helper]) => helper!);
    }),
  );
  if (helpers.size === 0) return text;
  const declared = Array.from(helpers, (helper) => `${helper} = (kept) => kept`).join(", ");
  return `(() => { const ${declared}; return ${text}; })()`;
}
