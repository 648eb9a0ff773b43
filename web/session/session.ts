// All that the page is at a time, as signals, and what can be done with it.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Engine } from "../engine/protocol.ts";
import { EMPTY, inSeveral } from "../model/changes.ts";
import { changed, type History, redone, startHistory, undone } from "../model/history.ts";
import type { Project } from "../model/project.ts";
import type { Store, Trouble } from "../store/store.ts";
import { Asking } from "./asking.ts";
import { Camera } from "./camera.ts";
import { Intake } from "./intake.ts";
import { Leaving } from "./leaving.ts";
import { Learning } from "./learning.ts";
import { Thumbnails } from "./thumbnails.ts";

/** A line that the person is to see, until it is put away. */
export interface Notice {
  readonly id: number;
  readonly text: string;
}

export class Session {
  readonly engine: Engine;
  readonly store: Store;
  readonly #history: Signal<History<Project>> = signal(startHistory(EMPTY));
  readonly project: ReadonlySignal<Project> = computed(() => this.#history.value.present);
  /** Contents that several classes have, with these classes' names. */
  readonly inSeveral: ReadonlySignal<ReadonlyMap<string, readonly string[]>> = computed(() =>
    inSeveral(this.project.value),
  );
  readonly canUndo: ReadonlySignal<boolean> = computed(() => this.#history.value.past.length > 0);
  readonly canRedo: ReadonlySignal<boolean> = computed(() => this.#history.value.future.length > 0);
  /** False until what was kept is there. */
  readonly isOpen: Signal<boolean> = signal(false);
  readonly notices: Signal<readonly Notice[]> = signal([]);
  readonly trouble: ReadonlySignal<Trouble | undefined>;
  readonly thumbnails: Thumbnails;
  readonly intake: Intake;
  readonly learning: Learning;
  readonly asking: Asking;
  readonly camera: Camera;
  readonly leaving: Leaving;
  #noticed = 0;
  /** What was kept and the engine does not have yet. */
  #toBringBack: Project | undefined;
  #isFollowed = false;

  constructor(engine: Engine, store: Store, trouble: ReadonlySignal<Trouble | undefined>) {
    this.engine = engine;
    this.store = store;
    this.trouble = trouble;
    this.thumbnails = new Thumbnails(store);
    this.camera = new Camera();
    this.intake = new Intake(this);
    this.learning = new Learning(this);
    this.asking = new Asking(this);
    this.leaving = new Leaving(this);
  }

  /** Shows what was kept; from then on all changes are kept. Before it nothing may be changed: it would take the place of what was kept. */
  async open(): Promise<void> {
    const kept = await this.store.load();
    if (kept) this.#history.value = startHistory(kept);
    this.#toBringBack = kept;
    this.isOpen.value = true;
    let isFirst = true;
    effect(() => {
      const project = this.project.value;
      if (!isFirst) this.store.save(project);
      isFirst = false;
    });
  }

  /** Gives the engine what was kept, and has it follow the project. Where the engine failed meanwhile, `startAgain` calls it again. */
  async begin(): Promise<void> {
    try {
      if (this.#toBringBack) await this.intake.bringBack(this.#toBringBack);
    } catch (error) {
      return this.learning.fail(error);
    }
    this.#toBringBack = undefined;
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    this.learning.follow();
  }

  /** Changes of one group are undone together. */
  change(make: (project: Project) => Project, group?: string): void {
    this.#history.value = changed(this.#history.peek(), make(this.project.peek()), group);
  }

  /** Of a drop that is under way the rest does not come, nor more of the camera. */
  undo(): void {
    this.camera.stopTaking();
    this.intake.flush(); // what has arrived is the last change, and what is undone
    const { group } = this.#history.peek();
    if (group !== undefined) this.intake.stop(group);
    this.#history.value = undone(this.#history.peek());
  }

  redo(): void {
    this.#history.value = redone(this.#history.peek());
  }

  notice(text: string): void {
    if (this.notices.peek().some((one) => one.text === text)) return;
    this.notices.value = [...this.notices.peek(), { id: ++this.#noticed, text }];
  }

  putAway(id: number): void {
    this.notices.value = this.notices.peek().filter((one) => one.id !== id);
  }
}
