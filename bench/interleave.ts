// Blocks of steps, ours and the peers' in turn, so that all of them see the same state of the machine.

/** Times of so many calls. */
export interface Timed {
  ask(count: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface Contestant {
  readonly name: string;
  readonly child: Timed;
  /** Steps in one call. */
  readonly steps: number;
}

/** Steps in a measured block, at least. */
const BLOCK_STEPS = 8;

/**
 * `blocks` times each contestant's block: as many dropped steps as one call of the contestant with the longest calls has
 * (another one has just emptied the caches), then at least 8 measured ones. Gives the mean time of each block.
 */
export async function interleave(
  contestants: readonly Contestant[],
  blocks: number,
  onBlock: (done: number) => void,
): Promise<Map<string, number[]>> {
  const longest = Math.max(...contestants.map(({ steps }) => steps));
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < contestants.length; i++) {
      const { name, child, steps } = contestants[(i + block) % contestants.length]!; // another one first each time
      const dropped = Math.ceil(longest / steps);
      const measured = Math.ceil(Math.max(BLOCK_STEPS, longest) / steps);
      const answers = (await child.ask(dropped + measured)).slice(dropped);
      times.get(name)!.push(answers.reduce((total, { ms }) => total + Number(ms), 0) / measured);
    }
    onBlock(block + 1);
  }
  return times;
}
