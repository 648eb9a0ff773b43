// Changes of the project: each gives a new one, in which all that did not change is the same object.

import type { ClassCard, Picture, Project } from "./project.ts";

export const EMPTY: Project = { name: "project", classes: [] };

export function addClass(project: Project, id: string, name: string): Project {
  return { ...project, classes: [...project.classes, { id, name, enabled: true, pictures: [] }] };
}

export function removeClass(project: Project, id: string): Project {
  return { ...project, classes: project.classes.filter((card) => card.id !== id) };
}

export function renameClass(project: Project, id: string, name: string): Project {
  return changeClass(project, id, (card) => ({ ...card, name }));
}

export function enableClass(project: Project, id: string, enabled: boolean): Project {
  return changeClass(project, id, (card) => ({ ...card, enabled }));
}

/** Pictures by the id of their class; those of classes that went meanwhile are left out. */
export function addPictures(project: Project, added: ReadonlyMap<string, readonly Picture[]>): Project {
  const grown = (card: ClassCard): ClassCard => {
    const more = added.get(card.id) ?? [];
    return more.length === 0 ? card : { ...card, pictures: [...card.pictures, ...more] };
  };
  return { ...project, classes: project.classes.map(grown) };
}

export function removePictures(project: Project, ids: ReadonlySet<string>): Project {
  return { ...project, classes: project.classes.map((card) => without(card, ids)) };
}

/** To another class; its id stays, so that nothing is computed anew. */
export function movePicture(project: Project, id: string, to: string): Project {
  const picture = project.classes.flatMap((card) => card.pictures).find((one) => one.id === id);
  if (!picture) return project;
  return addPictures(removePictures(project, new Set([id])), new Map([[to, [picture]]]));
}

function without(card: ClassCard, ids: ReadonlySet<string>): ClassCard {
  if (!card.pictures.some(({ id }) => ids.has(id))) return card;
  return { ...card, pictures: card.pictures.filter(({ id }) => !ids.has(id)) };
}

function changeClass(project: Project, id: string, change: (card: ClassCard) => ClassCard): Project {
  return { ...project, classes: project.classes.map((card) => (card.id === id ? change(card) : card)) };
}

/** The name, with a number behind it where a class is called so already. */
export function freeName({ classes }: Project, name: string): string {
  const names = new Set(classes.map((card) => card.name));
  let free = name;
  for (let i = 2; names.has(free); i++) free = `${name} ${i}`;
  return free;
}

/** Pictures in all, or of what is learned. */
export function countPictures({ classes }: Project, which: (card: ClassCard) => boolean = () => true): number {
  return classes.filter(which).reduce((sum, { pictures }) => sum + pictures.length, 0);
}

/** Contents that several classes have: no classifier can tell these pictures apart. By content, the names of the classes. */
export function inSeveral({ classes }: Project): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name, pictures, enabled } of classes) {
    if (!enabled) continue;
    for (const { content } of pictures) found.set(content, (found.get(content) ?? new Set()).add(name));
  }
  return new Map([...found].filter(([, names]) => names.size > 1).map(([content, names]) => [content, [...names]]));
}
