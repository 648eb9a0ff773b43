// The little Markdown that pages are made of, as GitHub renders it.

export interface MarkdownColumn {
  readonly name: string;
  /** Left by default. */
  readonly align?: "right";
}

/**
 * A table; a row with fewer cells than columns is filled up with empty ones.
 * @example markdownTable([{ name: "method" }, { name: "n", align: "right" }], [["a|b", "3"]])
 */
export function markdownTable(columns: readonly MarkdownColumn[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${columns.map((_, i) => tableCell(cells[i] ?? "")).join(" | ")} |`;
  const rule = `|${columns.map(({ align }) => (align === "right" ? " ---: |" : " --- |")).join("")}`;
  return [line(columns.map(({ name }) => name)), rule, ...rows.map(line)].join("\n");
}

/** Paragraphs, tables and lists with an empty line between them; empty ones are left out. */
export function blocks(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

export function bulletList(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

export function numberedList(items: readonly string[]): string {
  return items.map((item, i) => `${i + 1}. ${item}`).join("\n");
}

/** Folded until it is clicked at. */
export function folded(summary: string, ...parts: readonly string[]): string {
  const content = blocks(...parts);
  return content === "" ? "" : blocks("<details>", `<summary>${summary}</summary>`, content, "</details>");
}

export function codeBlock(lines: readonly string[]): string {
  return lines.length === 0 ? "" : ["```sh", ...lines, "```"].join("\n");
}

function tableCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
}
