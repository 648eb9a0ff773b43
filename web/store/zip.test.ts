// A project leaves as a zip and comes back, whatever its names are.

import { describe, expect, it } from "vitest";
import type { Picture, Project } from "../model/project.ts";
import { openZip, zipOf } from "./zip.ts";

const files = new Map(["a", "b", "c"].map((id) => [id, new Blob([`bytes of ${id}`])]));
const store = {
  file: async (id: string) => files.get(id),
  withoutFile: async (ids: readonly string[]) => ids.filter((id) => !files.has(id)),
};

async function picture(id: string, name: string, burst: string) {
  const bytes = await (files.get(id) ?? new Blob()).arrayBuffer();
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return { id, name, content: Buffer.from(hash).toString("hex"), burst };
}

describe("a project as a zip", () => {
  it("comes back as it left", async () => {
    const project: Project = {
      name: "pets",
      classes: [
        { id: "1", name: "<img onerror=x>", enabled: true, pictures: [await picture("b", "../b.png", "press 1")] },
        {
          id: "2",
          name: "dogs",
          enabled: false,
          pictures: [await picture("a", "same.png", "press 1"), await picture("c", "same.png", "c")],
        },
        { id: "3", name: "none yet", enabled: true, pictures: [] },
      ],
    };
    const told: number[] = [];
    const { zip, leftOut } = await zipOf(project, store, { onProgress: (count) => told.push(count) });
    expect([told, leftOut]).toEqual([[1, 2, 3], []]);
    const opened = await openZip(zip, "pets.zip");
    expect(opened).toMatchObject({ name: "pets", isProject: true, leftOut: [] });
    expect(opened.classes.map(({ name, enabled }) => [name, enabled])).toEqual([
      ["<img onerror=x>", true],
      ["dogs", false],
      ["none yet", true],
    ]);
    const pictures = opened.classes.flatMap((card) => card.pictures);
    expect(pictures.map(({ name, burst }) => [name, burst])).toEqual([
      ["../b.png", "press 1"],
      ["same.png", "press 1"],
      ["same.png", "c"],
    ]);
    const texts = await Promise.all(pictures.map(async (one) => new TextDecoder().decode(await one.read())));
    expect(texts).toEqual(["bytes of b", "bytes of a", "bytes of c"]);
  });

  it("leaves out and names what was moved before it was kept, and is whole without it", async () => {
    const moved = {
      file: { arrayBuffer: () => Promise.reject(new DOMException("moved", "NotFoundError")) } as unknown as Blob,
    };
    const waiting = { ...store, file: async (id: string) => (id === "b" ? moved.file : files.get(id)) };
    const pictures = [
      await picture("a", "a.png", "a"),
      await picture("b", "b.png", "b"),
      await picture("c", "c.png", "c"),
    ];
    const project: Project = { name: "p", classes: [{ id: "1", name: "x", enabled: true, pictures }] };
    const { zip, leftOut, project: zipped } = await zipOf(project, waiting);
    expect(leftOut).toEqual(["b.png"]);
    expect(zipped.classes[0]!.pictures.map(({ id }) => id)).toEqual(["a", "c"]);
    const [opened] = (await openZip(zip, "p.zip")).classes;
    expect(opened!.pictures.map(({ name }) => name)).toEqual(["a.png", "c.png"]);
  });

  it("leaves out and names what was never kept, and is refused where bytes are others", async () => {
    const [gone, changed] = [await picture("gone", "gone.png", "gone"), await picture("a", "a.png", "a")];
    const projectOf = (...pictures: Picture[]): Project => ({
      name: "p",
      classes: [{ id: "1", name: "c", enabled: true, pictures }],
    });
    const { zip, leftOut } = await zipOf(projectOf(gone, changed), store);
    expect(leftOut).toEqual(["gone.png"]);
    expect((await openZip(zip, "p.zip")).classes[0]!.pictures).toHaveLength(1);
    await expect(zipOf(projectOf({ ...changed, id: "b" }), store)).rejects.toThrow("no longer what it was");
  });
});
