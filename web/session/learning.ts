// The classifier follows the project: a head at once after every change, new weights and a judgement when hands rest.

import { batch, effect, type Signal, signal } from "@preact/signals";
import { type Dataset, EngineError, type EngineInfo, type Judged, type Learned } from "../engine/protocol.ts";
import type { Project } from "../model/project.ts";
import { TEXTS } from "../texts.ts";
import { markShown } from "./marks.ts";
import type { Session } from "./session.ts";

/** Milliseconds without a change after which hands rest. */
const REST = 400;
/** Share of pictures that must have changed for new weights, where no class came or went. */
const MANY = 0.1;

/** Milliseconds from one head to the next while files are on their way, for each thousand pictures: it takes time from decoding them. */
const PAUSE = 1000;
/** So many new pictures are worth new weights at once: their features under the old ones would be for nothing. */
const WORTH_WEIGHTS = 500;

/** What a classifier is made of. */
interface Made {
  readonly dataset: Dataset;
  readonly learned: Learned;
}

/** What pictures left out were taken for before and after a change. */
export interface Difference {
  readonly righted: readonly string[];
  readonly wronged: readonly string[];
}

export class Learning {
  readonly #session: Session;
  readonly info: Signal<EngineInfo | undefined> = signal(undefined);
  readonly made: Signal<Made | undefined> = signal(undefined);
  readonly judged: Signal<{ readonly dataset: Dataset; readonly judged: Judged } | undefined> = signal(undefined);
  /** Whether a judgement of the project as it is now is under way. */
  readonly isJudging: Signal<boolean> = signal(false);
  /** Share of what is under way, 0 to 1; undefined where nothing is. */
  readonly progress: Signal<number | undefined> = signal(undefined);
  readonly problem: Signal<string | undefined> = signal(undefined);
  readonly difference: Signal<Difference | undefined> = signal(undefined);
  /** By a picture's id, the id of the class that it is taken for, where that is not its own. */
  readonly takenFor: Signal<ReadonlyMap<string, string>> = signal(new Map());
  #withWeights: Dataset | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts changes of the project. */
  #turn = 0;
  /** Of what is shown: while pictures come in, what was learned of some of them is shown until there is more. */
  #shown = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#tellInfo();
  }

  #tellInfo(): void {
    this.#session.engine.ready.then(
      (info) => (this.info.value = info),
      (error: unknown) => this.fail(error),
    );
  }

  /** From now on the classifier is that of the project. */
  follow(): void {
    let before: Dataset | undefined;
    let wasComing = false;
    let isBegun = false;
    let next = 0;
    effect(() => {
      const dataset = datasetOf(this.#session.project.value);
      const isComing = this.#session.intake.isComing.value;
      // a few files are there soon: what would be learned of half of them keeps the whole waiting
      if (isComing && !isBegun) next = Math.max(next, performance.now() + PAUSE);
      isBegun = isComing;
      const isNew = !before || !isSame(before, dataset);
      const isLarge =
        countOf(dataset) > countOf(this.made.peek()?.dataset) + WORTH_WEIGHTS && this.#wantsWeights(dataset);
      if (isComing ? !isNew || isLarge || performance.now() < next : !isNew && !wasComing) return;
      wasComing = isComing;
      before = dataset;
      clearTimeout(this.#timer);
      if (isNew) this.#turn++;
      if (dataset.classes.length < 2) return this.#forget();
      next = performance.now() + PAUSE * Math.max(1, countOf(dataset) / 1000);
      if (isNew && !isLarge) void this.#learn(dataset, "head", this.#turn);
      // hands do not rest while files are on their way
      if (!isComing) this.#restSoon(isLarge ? 0 : REST);
    });
  }

  /**
   * Weights of all pictures as they are now: what a project gives does not depend on how it was made.
   * @throws what the engine failed with, a second time where it had died
   */
  async settle(): Promise<void> {
    for (let hasDied = false; ;) {
      const dataset = datasetOf(this.#session.project.peek());
      const isLearning = this.progress.peek() !== undefined; // perhaps of another dataset, whose classifier would be given
      if (dataset.classes.length < 2 || (this.#hasWeightsOf(dataset) && !isLearning)) return;
      clearTimeout(this.#timer);
      try {
        await this.#tryLearning(dataset, "weights", this.#turn);
        this.#restSoon(REST); // learning has made a judgement give up that was under way
      } catch (error) {
        this.progress.value = undefined;
        if (hasDied || !(error instanceof EngineError) || error.what !== "died") throw error;
        hasDied = true;
      }
    }
  }

  /** What is to be said of the classifier of a project, where it is the one that is shown. */
  aboutOf(project: Project): Learned["about"] | undefined {
    const made = this.made.peek();
    return made && isSame(made.dataset, datasetOf(project)) ? made.learned.about : undefined;
  }

  async startAgain(): Promise<void> {
    this.problem.value = undefined;
    this.#tellInfo();
    this.#withWeights = undefined;
    await this.#session.begin();
    const dataset = datasetOf(this.#session.project.peek());
    if (dataset.classes.length >= 2 && this.problem.peek() === undefined) await this.#rest(dataset, this.#turn);
  }

  #forget(): void {
    this.#shown = this.#turn;
    batch(() => {
      this.made.value = undefined;
      this.judged.value = undefined;
      this.isJudging.value = false;
      this.difference.value = undefined;
      this.takenFor.value = new Map();
      this.progress.value = undefined;
      this.problem.value = undefined;
    });
    this.#withWeights = undefined;
    this.#session.asking.forget();
  }

  #restSoon(milliseconds: number): void {
    clearTimeout(this.#timer);
    const dataset = datasetOf(this.#session.project.peek());
    if (dataset.classes.length >= 2) this.#timer = setTimeout(() => void this.#rest(dataset, this.#turn), milliseconds);
  }

  async #rest(dataset: Dataset, turn: number): Promise<void> {
    if (this.#wantsWeights(dataset)) await this.#learn(dataset, "weights", turn);
    if (turn !== this.#turn) return;
    this.isJudging.value = true;
    try {
      const judged = await this.#session.engine.judge(dataset);
      if (turn === this.#turn) this.judged.value = judged && { dataset, judged };
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    } finally {
      if (turn === this.#turn) this.isJudging.value = false; // else the next one's to say
    }
  }

  #hasWeightsOf(dataset: Dataset): boolean {
    return this.#withWeights !== undefined && isSame(this.#withWeights, dataset);
  }

  #wantsWeights(dataset: Dataset): boolean {
    const before = this.#withWeights;
    if (!before || before.classes.map(({ id }) => id).join() !== dataset.classes.map(({ id }) => id).join())
      return true;
    const [was, is] = [placesOf(before), placesOf(dataset)];
    const came = [...is].filter(([id, place]) => was.get(id) !== place).length;
    const went = [...was.keys()].filter((id) => !is.has(id)).length;
    return came + went >= MANY * was.size;
  }

  async #learn(dataset: Dataset, how: Learned["how"], turn: number): Promise<void> {
    try {
      await this.#tryLearning(dataset, how, turn);
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    }
  }

  async #tryLearning(dataset: Dataset, how: Learned["how"], turn: number): Promise<void> {
    this.progress.value ??= 0;
    const learned = await this.#session.engine.learn(dataset, how, (share) => {
      if (turn >= this.#shown) this.progress.value = share; // else it is forgotten
    });
    // a call that waited and was overtaken is given what came of a later dataset, as is that call
    if (turn < this.#shown || learned.images !== placesOf(dataset).size) return;
    this.#shown = turn;
    if (learned.how === "weights") this.#withWeights = dataset;
    this.#take({ dataset, learned }, turn === this.#turn);
  }

  #take(made: Made, isLast: boolean): void {
    const before = wrongOf(this.made.peek());
    const wrong = wrongOf(made);
    batch(() => {
      this.made.value = made;
      this.takenFor.value = wrong.takenFor;
      if (before.known.size > 0) {
        const both = [...wrong.known].filter((id) => before.known.has(id));
        this.difference.value = {
          righted: both.filter((id) => before.takenFor.has(id) && !wrong.takenFor.has(id)),
          wronged: both.filter((id) => !before.takenFor.has(id) && wrong.takenFor.has(id)),
        };
      }
      if (isLast) this.progress.value = undefined;
      this.problem.value = undefined;
    });
    markShown("learned", { how: made.learned.how, images: made.learned.images });
    void this.#session.asking.again();
  }

  fail(error: unknown): void {
    batch(() => {
      this.progress.value = undefined;
      this.problem.value = problemOf(error);
    });
  }
}

export function problemOf(error: unknown): string {
  if (!(error instanceof EngineError)) return TEXTS.unforeseen(String(error));
  if (error.what === "died") return TEXTS.workerDied;
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}

/** What is to be learned: classes that are enabled and have pictures. */
function datasetOf({ classes }: Project): Dataset {
  return { classes: classes.filter(({ enabled, pictures }) => enabled && pictures.length > 0) };
}

const countOf = (dataset?: Dataset): number =>
  dataset?.classes.reduce((sum, { pictures }) => sum + pictures.length, 0) ?? 0;

function isSame(a: Dataset, b: Dataset): boolean {
  return a.classes.length === b.classes.length && a.classes.every((card, i) => card === b.classes[i]);
}

/** By a picture's id, the id of its class. */
function placesOf({ classes }: Dataset): Map<string, string> {
  return new Map(classes.flatMap(({ id, pictures }) => pictures.map((one) => [one.id, id] as const)));
}

function wrongOf(made: Made | undefined) {
  const taken = made?.learned.leftOut?.classes ?? new Map<string, number>();
  const classes = made?.dataset.classes ?? [];
  const own = made ? placesOf(made.dataset) : new Map<string, string>();
  const named = [...taken].map(([id, place]) => [id, classes[place]?.id ?? ""] as const);
  return { known: new Set(taken.keys()), takenFor: new Map(named.filter(([id, found]) => own.get(id) !== found)) };
}
