// What others see of the place where the project is kept.

import type { Bytes, Project } from "../model/project.ts";

/** A picture that came in, with what was made of it. */
export interface NewPicture {
  readonly id: string;
  /** As it came. */
  readonly file: Blob;
  /** The file's, where they are at hand: it need not be read again. */
  readonly bytes?: ArrayBuffer;
  /** uint8 planes [3, side, side] */
  readonly planes: Uint8Array;
  readonly thumbnail: Bytes;
}

/**
 * Why something is not kept. full: no room left; forbidden: the browser gives no place (private windows, settings); elsewhere: another
 * tab has the project open and keeps its own; left: that tab is closed, and this one keeps its own once it is loaded again; unreadable:
 * what was kept cannot be read, and stays as it is; failed: anything else.
 */
export type Trouble = "full" | "forbidden" | "elsewhere" | "left" | "unreadable" | "failed";

/** Whatever the trouble, all that was given to `save` can be read while the page is open: for a zip, and for a worker that starts anew. */
export interface Store {
  /** The project that was kept last; undefined where there is none, or where it cannot be read: nothing is kept then. */
  load(): Promise<Project | undefined>;
  /** Keeps a project as it is now, with the pictures that are new in it: soon, together, and one write after another. */
  save(project: Project, added?: readonly NewPicture[]): void;
  /** Resolves once all that was given to `save` is kept, or cannot be. */
  settled(): Promise<void>;
  /** Of those that are known. */
  thumbnails(ids: readonly string[]): Promise<ReadonlyMap<string, Bytes>>;
  /** As they were given: of another side, where the page had a network of another side then. */
  squares(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** A picture as it came. */
  file(id: string): Promise<Blob | undefined>;
  /** Those whose file had gone before it could be kept: their squares are all there is. */
  withoutFile(ids: readonly string[]): Promise<readonly string[]>;
  /** Notes that a project has just left as a zip. */
  noteZip(project: Project): Promise<void>;
  /** The one that last did, as it was then. */
  lastZip(): Promise<Project | undefined>;
  /** Whether the browser keeps it until the person deletes it; `ask` wishes for that, which some browsers ask the person about. */
  persistent(ask?: "ask"): Promise<boolean>;
}
