// Pictures that the classifier is asked about: one that was given, or what the camera sees.

import { batch, type Signal, signal } from "@preact/signals";
import { type Answer, PictureRefused } from "../engine/protocol.ts";
import { TEXTS } from "../texts.ts";
import { problemOf } from "./learning.ts";
import { markShown } from "./marks.ts";
import type { Session } from "./session.ts";

/** Of the training pictures that are most like the one asked about. */
const NEAREST = 5;
/** Milliseconds for which an answer must stand before it is read aloud. */
const STABLE = 1000;

export class Asking {
  readonly #session: Session;
  readonly answer: Signal<Answer | undefined> = signal(undefined);
  /** The picture that was given. */
  readonly picture: Signal<Blob | undefined> = signal(undefined);
  readonly problem: Signal<string | undefined> = signal(undefined);
  /** Whether frames of the camera are asked about. */
  readonly isLive: Signal<boolean> = signal(false);
  /** What a screen reader reads: changed only when another answer has stood for a while. */
  readonly said: Signal<string> = signal("");
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saying = "";

  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks about a picture that was dropped, pasted or picked. */
  async ask(picture: Blob): Promise<void> {
    this.stopLive();
    this.#putAway();
    this.picture.value = picture;
    await this.again();
  }

  /** The same picture of the classifier as it is now. */
  async again(): Promise<void> {
    const picture = this.picture.peek();
    if (!picture || this.isLive.peek() || !this.#session.learning.made.peek()) return;
    const turn = ++this.#turn;
    try {
      const answer = await this.#session.engine.ask(picture, { nearest: NEAREST });
      if (turn === this.#turn) this.#show(answer);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  async toggleLive(): Promise<void> {
    if (this.isLive.peek()) return this.stopLive();
    this.#putAway();
    this.picture.value = undefined;
    this.isLive.value = true;
    const turn = ++this.#turn;
    const { camera, engine } = this.#session;
    this.problem.value = await camera.start("asking");
    if (this.problem.peek() !== undefined) this.isLive.value = false;
    // one frame at a time: the next is taken when the last is answered
    while (this.isLive.peek() && turn === this.#turn) {
      const frame = await camera.frame();
      if (!frame) break;
      try {
        this.#show(await engine.ask(frame, { nearest: NEAREST }));
      } catch (error) {
        this.#fail(error);
        break;
      }
    }
    if (turn === this.#turn) this.stopLive();
  }

  stopLive(): void {
    this.#turn++;
    if (!this.isLive.peek()) return;
    this.isLive.value = false;
    this.#session.camera.stop("asking");
  }

  /** There is no classifier any more: what it said is put away; the picture is asked about again once there is one. */
  forget(): void {
    this.stopLive();
    this.#putAway();
  }

  nameOf(classId: string): string {
    return this.#session.project.value.classes.find(({ id }) => id === classId)?.name ?? "";
  }

  #show(answer: Answer): void {
    this.answer.value = answer;
    this.problem.value = undefined;
    const picture = this.picture.peek();
    markShown("answered", { unknown: answer.unknown, picture: picture instanceof File ? picture.name : undefined });
    const [best] = answer.labels;
    const text = answer.unknown || !best ? TEXTS.unknown : TEXTS.said(this.nameOf(best.class), best.score);
    const said = answer.unknown || !best ? TEXTS.unknown : this.nameOf(best.class);
    if (said === this.#saying) return;
    this.#saying = said;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.said.value = text), STABLE);
  }

  #fail(error: unknown): void {
    this.#putAway();
    this.problem.value = error instanceof PictureRefused ? TEXTS.refusals[error.why] : problemOf(error);
  }

  /** What was answered, or why nothing was: so what comes next is read aloud though it be the same. */
  #putAway(): void {
    clearTimeout(this.#timer);
    this.#saying = "";
    batch(() => {
      this.answer.value = undefined;
      this.problem.value = undefined;
      this.said.value = "";
    });
  }
}
