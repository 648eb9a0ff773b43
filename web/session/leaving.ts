// What goes out of the page and comes in as a whole: exported classifiers and the project as a zip.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  type Exported,
  type ExportFormat,
  type Numbers,
  safeFileName,
  type ZippedPicture,
  type ZippedProject,
} from "pudnet";
import type { Project } from "../model/project.ts";
import { put } from "../model/put.ts";
import { since, type Since } from "../model/since.ts";
import { TEXTS } from "../texts.ts";
import type { Incoming } from "./intake.ts";
import { problemOf } from "./learning.ts";
import type { Session } from "./session.ts";

/** Pictures of a zip that are unpacked at once. */
const AT_ONCE = 50;

export interface Way {
  readonly format: ExportFormat;
  readonly numbers: Numbers;
}

export class Leaving {
  readonly #session: Session;
  /** What is under way, in words. */
  readonly busy: Signal<string | undefined> = signal(undefined);
  /** Whether nothing is: one thing is done at a time. */
  readonly isIdle: ReadonlySignal<boolean> = computed(() => this.busy.value === undefined);
  #underWay: Promise<unknown> = Promise.resolve();
  readonly exported: Signal<(Exported & Way & { readonly name: string }) | undefined> = signal(undefined);
  readonly problem: Signal<string | undefined> = signal(undefined);
  /** The project as it last left. */
  readonly #lastZip: Signal<Project | undefined> = signal(undefined);
  /** What has become of the project since; undefined where none has left. */
  readonly sinceZip: ReadonlySignal<Since | undefined> = computed(
    () => this.#lastZip.value && since(this.#lastZip.value, this.#session.project.value),
  );

  constructor(session: Session) {
    this.#session = session;
    session.store.lastZip().then(
      (last) => (this.#lastZip.value ??= last),
      () => {},
    );
  }

  /** Gives the classifier of all pictures, whatever came in which order, as files. */
  async export({ format, numbers }: Way): Promise<void> {
    await this.#do(TEXTS.exporting, async () => {
      const { engine, learning, project } = this.#session;
      await learning.settle();
      const name = format === "c" ? "classifier" : safeFileName(project.peek().name, "project");
      const exported = await engine.export(format, numbers, name);
      this.exported.value = { ...exported, format, numbers, name };
      for (const file of exported.files) download(new Blob([file.bytes as Uint8Array<ArrayBuffer>]), file.name);
    });
  }

  async saveZip(): Promise<void> {
    await this.#do(TEXTS.zipping(0), async () => {
      const { learning, project, store } = this.#session;
      const now = project.peek();
      const { zipOf } = await import("../store/zip.ts");
      const {
        zip,
        project: zipped,
        leftOut,
      } = await zipOf(now, store, {
        about: learning.aboutOf(now),
        onProgress: (count) => (this.busy.value = TEXTS.zipping(count)),
      });
      if (leftOut.length > 0) this.#session.notice(TEXTS.leftOutOfZip(leftOut));
      download(zip, `${safeFileName(now.name, "project")}.zip`);
      await store.noteZip(zipped).catch(() => {}); // the zip is there, whether the browser has room for the note or not
      this.#lastZip.value = zipped;
    });
  }

  /** Waits for what is under way: a zip that is dropped cannot be pressed once more. */
  async openZip(file: Blob, name: string): Promise<void> {
    while (!this.isIdle.peek()) await this.#underWay;
    await this.#do(TEXTS.openingZip, async () => {
      const { openZip } = await import("../store/zip.ts");
      const zipped = await openZip(file, name);
      if (zipped.leftOut.length > 0) this.#session.notice(TEXTS.leftOutOfZip(zipped.leftOut.map(({ path }) => path)));
      await this.#takeIn(zipped);
    });
  }

  /** The project that comes with the page. */
  async openSample(): Promise<void> {
    await this.#do(TEXTS.openingZip, async () => {
      const { openZip } = await import("../store/zip.ts");
      const response = await fetch(new URL("sample.zip", document.baseURI));
      await this.#takeIn(await openZip(await response.blob(), "sample.zip"));
    });
  }

  /** Classes go into those that are called as they are; all of it is undone as one. Damaged pictures are told, the others come in. */
  async #takeIn(zipped: ZippedProject): Promise<void> {
    await this.#session.intake.asOne((group) => this.#takeInAs(group, zipped));
  }

  async #takeInAs(group: string, { classes, name, isProject }: ZippedProject): Promise<void> {
    const { intake, project } = this.#session;
    if (isProject && project.peek().classes.length === 0)
      this.#session.change((before) => ({ ...before, name }), group);
    const all = classes.flatMap((card) => {
      const classId = intake.classFor(card.name, group, card.enabled);
      return card.pictures.map((picture) => ({ classId, picture }));
    });
    const damaged: string[] = [];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const byClass = new Map<string, Incoming[]>();
      for (const { classId, picture } of all.slice(from, from + AT_ONCE)) {
        const file = await unpacked(picture);
        if (file) put(byClass, classId, { name: picture.name, file, burst: picture.burst });
        else damaged.push(picture.path);
      }
      await Promise.all([...byClass].map(([classId, files]) => intake.add(classId, files, group)));
    }
    if (damaged.length > 0) this.#session.notice(TEXTS.damagedInZip(damaged));
  }

  /** One thing at a time: what else is asked for meanwhile is not done. */
  async #do(busy: string, work: () => Promise<void>): Promise<void> {
    if (!this.isIdle.peek()) return;
    this.busy.value = busy;
    this.problem.value = undefined;
    this.#underWay = work()
      .catch((error: unknown) => {
        this.problem.value = isTold(error) ? TEXTS.told(error.message, error.hint) : problemOf(error);
      })
      .finally(() => (this.busy.value = undefined));
    await this.#underWay;
  }
}

/** Undefined where it is damaged. */
async function unpacked(picture: ZippedPicture): Promise<Blob | undefined> {
  try {
    return new Blob([(await picture.read()) as Uint8Array<ArrayBuffer>]);
  } catch (error) {
    if (isTold(error)) return undefined;
    throw error; // the zip itself can no longer be read
  }
}

/** The library's errors say what helps. */
function isTold(error: unknown): error is Error & { readonly hint?: string } {
  return error instanceof Error && (error.name === "UserError" || error.name === "FormatError");
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still ask where to put it
}
