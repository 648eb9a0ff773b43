// Calls across postMessage: typed by what the other side can do, answered in order, with progress and errors as plain data.

/** What the other side can do: functions of one argument. */
export type Api<A> = { readonly [N in keyof A]: (argument: never) => unknown };
export type Argument<A extends Api<A>, N extends keyof A> = Parameters<A[N]>[0];
export type Result<A extends Api<A>, N extends keyof A> = Awaited<ReturnType<A[N]>>;

/** A Worker, a worker's own side of it, or an end of a MessageChannel. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** Of a MessageChannel's. */
  start?(): void;
}

interface Call {
  readonly id: number;
  readonly name: PropertyKey;
  readonly argument: unknown;
}

type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: unknown }
  | { readonly id: number; readonly progress: number };

/** What a handler can do beside answering. */
export interface Context {
  /** Tells the caller how much is done, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Buffers of the answer that are handed over, not copied. */
  readonly transfer: (...buffers: Transferable[]) => void;
  /** Answers the calls of this name that wait, before the handler goes on. */
  readonly letIn: (name: string) => Promise<void>;
  /** Whether a call of this name waits. */
  readonly isWaiting: (name: string) => boolean;
}

export type Handlers<A extends Api<A>> = {
  readonly [N in keyof A]: (argument: Argument<A, N>, context: Context) => Result<A, N> | Promise<Result<A, N>>;
};

/** Answers calls that arrive at a port in their order, `atOnce` at a time; errors cross as `describe` makes them plain data. */
export function serve<A extends Api<A>>(
  port: Port,
  handlers: Handlers<A>,
  { atOnce = 1, describe }: { readonly atOnce?: number; readonly describe: (error: unknown) => unknown },
): void {
  const waiting: Call[] = [];
  let running = 0;
  const answer = async ({ id, name, argument }: Call): Promise<void> => {
    const buffers: Transferable[] = [];
    const reply = (message: Reply, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
    const context: Context = {
      progress: (progress) => reply({ id, progress }),
      transfer: (...more) => void buffers.push(...more),
      isWaiting: (other) => waiting.some((call) => call.name === other),
      letIn: async (other) => {
        await nextTask(); // in which what has been posted meanwhile arrives
        for (let at = 0; at < waiting.length;) {
          if (waiting[at]!.name === other) await answer(waiting.splice(at, 1)[0]!);
          else at++;
        }
      },
    };
    try {
      const handler = handlers[name as keyof A] as (argument: unknown, context: Context) => unknown;
      reply({ id, result: await handler(argument, context) }, buffers);
    } catch (error) {
      reply({ id, error: describe(error) });
    }
  };
  const next = async (): Promise<void> => {
    running++;
    for (let call = waiting.shift(); call; call = waiting.shift()) await answer(call);
    running--;
  };
  port.addEventListener("message", ({ data }: MessageEvent<Call>) => {
    waiting.push(data);
    if (running < atOnce) void next();
  });
  port.start?.();
}

/** After what waits in the queue of events: messages that were posted before this have arrived then. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const arrived = (): void => {
      port1.close();
      resolve();
    };
    port1.addEventListener("message", arrived);
    port1.start();
    port2.postMessage(undefined);
  });
}

export interface CallOptions {
  /** What is handed over, not copied. */
  readonly transfer?: Transferable[];
  readonly onProgress?: (share: number) => void;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((share: number) => void) | undefined;
}

/** Calls what is served at the other end of a port. */
export class Caller<A extends Api<A>> {
  readonly #port: Port;
  readonly #pending = new Map<number, Pending>();
  /** What calls are refused with once the other side is lost. */
  #lost: { readonly error: unknown } | undefined;
  #calls = 0;

  /** `revive` makes an error of what `describe` made of one. */
  constructor(port: Port, revive: (error: unknown) => unknown) {
    this.#port = port;
    port.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      const pending = this.#pending.get(data.id);
      if (!pending) return;
      if ("progress" in data) return pending.onProgress?.(data.progress);
      this.#pending.delete(data.id);
      if ("error" in data) pending.reject(revive(data.error));
      else pending.resolve(data.result as never);
    });
    port.start?.();
  }

  call<N extends keyof A>(
    name: N,
    argument: Argument<A, N>,
    {
      transfer = [],
      onProgress,
    }: { transfer?: Transferable[]; onProgress?: ((share: number) => void) | undefined } = {},
  ): Promise<Result<A, N>> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost.error); // nobody would answer
      const id = this.#calls++;
      this.#pending.set(id, { resolve, reject, onProgress });
      this.#port.postMessage({ id, name, argument } satisfies Call, transfer);
    });
  }

  /** Refuses all calls that are not answered, and those that are still to come. */
  fail(error: unknown): void {
    this.#lost ??= { error };
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of all) reject(error);
  }
}
