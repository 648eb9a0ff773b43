// Files on their way through a few workers: each has some in hand, the others wait as files, not as bytes. A worker that dies of a file
// takes nothing else with it.

import { type Decoded, EngineError, PictureRefused } from "./protocol.ts";

/** A worker, as the pool sees it; `decode` is refused with an EngineError where it died or is broken, also before. */
export interface Decoder {
  readonly decode: (file: Blob) => Promise<Decoded>;
  readonly end: () => void;
}

interface Job {
  readonly file: Blob;
  readonly resolve: (decoded: Decoded) => void;
  readonly reject: (error: unknown) => void;
  /** A worker died with it in hand: it is tried once more, with nothing beside it. */
  isSuspect: boolean;
}

interface Member {
  readonly decoder: Promise<Decoder>;
  inHand: number;
  hasSuspect: boolean;
}

export class DecoderPool {
  readonly #start: (onEnd: () => void) => Promise<Decoder>;
  readonly #members: Member[] = [];
  readonly #waiting: Job[] = [];
  readonly #size: number;
  readonly #atOnce: number;

  /** `size` workers with `atOnce` files in hand each; started when they are needed. `onEnd` hears of a worker's end, whatever it has in hand. */
  constructor(
    start: (onEnd: () => void) => Promise<Decoder>,
    { size, atOnce }: { readonly size: number; readonly atOnce: number },
  ) {
    this.#start = start;
    this.#size = size;
    this.#atOnce = atOnce;
  }

  /** After the files that wait, or before them. */
  decode(file: Blob, { isFirst = false } = {}): Promise<Decoded> {
    return new Promise((resolve, reject) => {
      const job = { file, resolve, reject, isSuspect: false };
      if (isFirst) this.#waiting.unshift(job);
      else this.#waiting.push(job);
      this.#next();
    });
  }

  end(): void {
    for (const { decoder } of this.#members.splice(0))
      void decoder.then(
        (one) => one.end(),
        () => {},
      );
    for (const { reject } of this.#waiting.splice(0)) reject(new EngineError("died", "closed"));
  }

  #next(): void {
    for (let job = this.#waiting[0]; job; job = this.#waiting[0]) {
      const member = this.#memberFor(job);
      if (!member) return;
      this.#waiting.shift();
      void this.#give(job, member);
    }
  }

  /** One that has nothing in hand, a new one, or the one with the least. */
  #memberFor({ isSuspect }: Job): Member | undefined {
    const most = isSuspect ? 1 : this.#atOnce;
    const free = this.#members.filter(({ inHand, hasSuspect }) => inHand < most && !hasSuspect);
    const idle = free.find(({ inHand }) => inHand === 0);
    if (idle) return idle;
    if (this.#members.length < this.#size) return this.#newMember();
    return isSuspect ? undefined : free.toSorted((a, b) => a.inHand - b.inHand)[0];
  }

  #newMember(): Member {
    const member: Member = { decoder: this.#start(() => this.#lose(member)), inHand: 0, hasSuspect: false };
    this.#members.push(member);
    return member;
  }

  async #give(job: Job, member: Member): Promise<void> {
    member.inHand++;
    member.hasSuspect = job.isSuspect;
    try {
      await this.#decode(job, member);
    } catch (error) {
      job.reject(error);
    }
    member.inHand--;
    if (job.isSuspect) member.hasSuspect = false;
    this.#next();
  }

  async #decode(job: Job, member: Member): Promise<void> {
    const decoder = await member.decoder.catch((error: unknown) => {
      this.#lose(member);
      throw error;
    });
    const result = await decoder.decode(job.file).catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      if (job.isSuspect) throw new PictureRefused("too-large");
    });
    if (result) job.resolve(result);
    else this.#waiting.unshift({ ...job, isSuspect: true });
  }

  /** Files go to others from now on. */
  #lose(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
  }
}
