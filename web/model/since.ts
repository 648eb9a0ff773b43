// What has become of a project since it was what it was, as when it left as a zip.

import type { ClassCard, Picture, Project } from "./project.ts";

export interface Since {
  /** Pictures that were not there. */
  readonly came: number;
  /** Whether nothing came, went, or is called or placed otherwise. */
  readonly isSame: boolean;
}

export function since(before: Project, now: Project): Since {
  if (before === now) return { came: 0, isSame: true };
  const known = new Set(before.classes.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
  const isNew = ({ id }: Picture): boolean => !known.has(id);
  return {
    came: now.classes.reduce((sum, { pictures }) => sum + pictures.filter(isNew).length, 0),
    isSame:
      before.name === now.name &&
      before.classes.length === now.classes.length &&
      before.classes.every((card, i) => isSameCard(card, now.classes[i]!)),
  };
}

function isSameCard(a: ClassCard, b: ClassCard): boolean {
  return (
    a === b ||
    (a.name === b.name &&
      a.enabled === b.enabled &&
      a.pictures.length === b.pictures.length &&
      a.pictures.every(({ id }, i) => id === b.pictures[i]!.id))
  );
}
