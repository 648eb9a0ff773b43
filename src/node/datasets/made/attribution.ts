// Who made what a set is drawn from, and under which licence it may be used: the file beside the pictures.

import { z } from "zod";
import { printable } from "../../../names.ts";
import { jsonOf, type OpenPackage, specOf } from "./packages.ts";

/** The name of the file, in the set's folder. */
export const ATTRIBUTION = "ATTRIBUTION.md";

const infoSchema = z.object({
  name: z.string(),
  author: z.object({ name: z.string(), url: z.string().optional() }),
  license: z.object({ url: z.string().optional() }).optional(),
});
const LONGEST = 200;

/** A package's line: what it is, whose it is, its licence (the pinned one) with its address. */
export function creditOf(opened: OpenPackage): string {
  if (!opened.file("info.json")) return `${specOf(opened)}: ${opened.licence}. ${ownerOf(opened)}`;
  const { name, author, license } = jsonOf(opened, "info.json", infoSchema);
  const by = plain(author.url ? `${author.name} (${author.url})` : author.name);
  return `${specOf(opened)}: ${plain(name)} by ${by}, ${opened.licence}${license?.url ? ` (${plain(license.url)})` : ""}`;
}

/** The text of the file for a set that was made with the command. */
export function attributionText(command: string, credits: readonly string[]): string {
  const from =
    credits.length === 0
      ? ["The pictures are made by procedures of PudNet (MIT): nothing of anybody else's is in them."]
      : [
          "The pictures show drawings of these packages of the npm registry, turned, scaled and in other colours. They may be passed on",
          "under the licences of the packages, with this file:",
          "",
          ...credits.map((credit) => `- ${credit}`),
        ];
  return [`Made by \`${command}\`.`, "", ...from, ""].join("\n");
}

/** The first line of the licence, which says whose it is in packages of fonts. */
function ownerOf(opened: OpenPackage): string {
  const text = new TextDecoder().decode(opened.file("LICENSE") ?? new Uint8Array());
  return plain(text.trim().split("\n", 1)[0]!);
}

/** Text of a package on one line of ours. */
function plain(text: string): string {
  return printable(text.trim().replace(/\s+/g, " ").slice(0, LONGEST));
}
