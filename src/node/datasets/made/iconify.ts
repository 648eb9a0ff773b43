// Icon sets as the packages @iconify-json/* hold them: one JSON file of SVG bodies by name.

import { z } from "zod";
import { type Drawing, isDrawable } from "./drawing.ts";
import { jsonOf, type OpenPackage } from "./packages.ts";

const size = z.number().positive().max(10_000);
const place = z.number().min(-10_000).max(10_000);
const box = { left: place.optional(), top: place.optional(), width: size.optional(), height: size.optional() };
const iconSchema = z.object({ body: z.string(), ...box });
const setSchema = z.object({
  ...box,
  icons: z.record(z.string(), iconSchema),
  aliases: z.record(z.string(), z.unknown()).optional(),
});
const aliasSchema = z.strictObject({ parent: z.string() });

/** Drawings by name. */
export type IconSet = ReadonlyMap<string, Drawing>;

/** Width and height of an icon that says nothing of them. */
const USUAL_SIZE = 16;

/**
 * The icons of a package, without those that are hidden, turned aliases or no plain drawings.
 * @throws FormatError where the file is missing or not as it should be
 */
export function iconSet(opened: OpenPackage): IconSet {
  const { icons, aliases = {}, ...usual } = jsonOf(opened, "icons.json", setSchema);
  const drawings = new Map<string, Drawing>();
  for (const [name, icon] of Object.entries(icons)) {
    if (!isDrawable(icon.body)) continue;
    const { body, left = 0, top = 0, width = USUAL_SIZE, height = USUAL_SIZE } = { ...usual, ...icon };
    drawings.set(name, { body, left, top, width, height });
  }
  for (const [name, alias] of Object.entries(aliases)) {
    const { data } = aliasSchema.safeParse(alias);
    const drawing = data && drawings.get(data.parent);
    if (drawing) drawings.set(name, drawing);
  }
  return drawings;
}
