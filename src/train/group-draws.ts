// Of which domain and of which shape each training group is: drawn by the group's number, in one way by all who ask.

import type { GroupShape, ClassPool } from "../data/groups.ts";
import { UserError } from "../errors.ts";
import { listed } from "../names.ts";
import { fold, type Key, key, uniform } from "../tensor/random.ts";
import type { Domain } from "./training-data.ts";

/** So many groups in a row have one shape, at least: a change of shape is a change of the compiled program. */
const LEAST_RUN = 16;

export interface DrawOptions {
  readonly seed: number;
  /** Groups that must be of one shape: those of a step, and of all local steps that are made in one go. */
  readonly together: number;
}

/** What a domain can fill: for each shape its classes with enough images, where there are enough of them. */
interface Filling {
  readonly domain: Domain;
  /** By the number of the shape. */
  readonly classes: ReadonlyMap<number, readonly number[]>;
}

/**
 * Groups of a mixture: each is of a domain by the domains' weights, and of a shape that this domain can fill, each as likely.
 * As groups in a row share their shape, that is drawn first, and the domain given the shape.
 */
export class GroupDraws {
  readonly shapes: readonly GroupShape[];
  readonly #fillings: readonly Filling[];
  readonly #seed: number;
  readonly #run: number;

  /** @throws UserError where a domain can fill no shape, or no domain can fill a shape */
  constructor(domains: readonly Domain[], shapes: readonly GroupShape[], { seed, together }: DrawOptions) {
    const trained = domains.filter(({ weight }) => weight > 0);
    this.shapes = shapes;
    this.#fillings = trained.map((domain) => ({ domain, classes: fillable(domain.train, shapes) }));
    this.#seed = seed;
    this.#run = Math.ceil(LEAST_RUN / together) * together;
    this.#require();
  }

  /** The number of the shape of group 0, 1, ... */
  shapeOf(group: number): number {
    if (this.shapes.length === 1) return 0;
    const source = fold(fold(key(this.#seed), "shape"), Math.floor(group / this.#run));
    const chances = this.shapes.map((_, shape) =>
      this.#fillings.reduce((sum, filling) => sum + chanceOf(filling, shape), 0),
    );
    return drawn(source, chances);
  }

  /** Names of the domains that are drawn. */
  get domains(): string[] {
    return this.#fillings.map(({ domain }) => domain.name);
  }

  /** The place of a group's domain among them. */
  domainOf(group: number, source: Key): number {
    if (this.#fillings.length === 1) return 0;
    const shape = this.shapeOf(group);
    return drawn(
      fold(source, "domain"),
      this.#fillings.map((filling) => chanceOf(filling, shape)),
    );
  }

  /** The classes that a group is drawn from, of one domain: of those that can fill its shape. */
  classesOf(group: number, source: Key): readonly number[] {
    return this.#fillings[this.domainOf(group, source)]!.classes.get(this.shapeOf(group))!;
  }

  /** A line for each domain of which some classes are never drawn: they have too few images for any shape it can fill. */
  notes(): string[] {
    return this.#fillings.flatMap(({ domain: { name, train }, classes }) => {
      const used = new Set(Array.from(classes.values()).flat());
      const left = train.classes.length - used.size;
      if (left === 0) return [];
      return [`${name}: ${left} of ${train.classes.length} classes have too few pictures for a group, and are in none`];
    });
  }

  #require(): void {
    for (const { domain, classes } of this.#fillings) {
      if (classes.size > 0) continue;
      const { name, train } = domain;
      const count = train.classes.length === 1 ? "1 class" : `${train.classes.length} classes`;
      const counts = train.classes.map((c) => train.positions[c]!.length);
      throw new UserError(
        `"${name}" can fill no shape of group: it trains on ${count} of ${Math.min(...counts)} to ${Math.max(...counts)} pictures`,
        { hint: `leave it out, or give a shape that it can fill; there are ${listed(this.shapes.map(shapeWords))}` },
      );
    }
    const idle = this.shapes.find((_, shape) => this.#fillings.every(({ classes }) => !classes.has(shape)));
    if (idle) {
      throw new UserError(`nothing that is trained on can fill groups of ${shapeWords(idle)}`, {
        hint: "leave that shape out, or make it smaller",
      });
    }
  }
}

/** "5 ways x 35 pictures (10 shots, 15 queries, 10 extra)" */
function shapeWords(shape: GroupShape): string {
  const { ways, shots, queries, extra } = shape;
  return `${ways} ways x ${imagesOf(shape)} pictures (${shots} shots, ${queries} queries, ${extra} extra)`;
}

const imagesOf = ({ shots, queries, extra }: GroupShape): number => shots + queries + extra;

function fillable({ positions, classes }: ClassPool, shapes: readonly GroupShape[]): Map<number, readonly number[]> {
  const entries = shapes.map((shape, i) => {
    const enough = classes.filter((c) => positions[c]!.length >= imagesOf(shape));
    return [i, enough.length >= shape.ways ? enough : []] as const;
  });
  return new Map(entries.filter(([, enough]) => enough.length > 0));
}

/** How likely a group is of this domain and this shape. */
function chanceOf({ domain, classes }: Filling, shape: number): number {
  return classes.has(shape) ? domain.weight / classes.size : 0;
}

/** The number of one of the chances, each as likely as it is large. */
function drawn(source: Key, chances: readonly number[]): number {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  let left = total * uniform(source, 1)[0]!;
  let last = 0;
  for (const [i, chance] of chances.entries()) {
    if (chance === 0) continue;
    if (left < chance) return i;
    left -= chance;
    last = i;
  }
  return last; // rounding
}
