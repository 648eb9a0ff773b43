// What is told of the exchange between a training and its workers. Apart, since the library's types name it, which are to
// compile without the packages of queues.

/** What a training has exchanged with the workers of a queue. */
export interface Exchange {
  /** Sent and received by the process that trains. */
  readonly bytes: number;
  /** In which a step was under way, and the worker that computed longest for it did not compute. */
  readonly seconds: number;
}
