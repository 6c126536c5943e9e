// Which models go on learning, and for how long: Dask-ML's IncrementalSearchCV, InverseDecaySearchCV and
// SuccessiveHalvingSearchCV as plain arithmetic on scores.

/** A score of a model, after so many calls of partialFit in all. */
export interface Scored {
  readonly partialFitCalls: number;
  readonly score: number;
}

/** The scores so far of the models that are still in, by model, the latest last. */
export type Histories = ReadonlyMap<number, readonly Scored[]>;

/** How many calls more each model gets before it is scored again; 0: it rests; models that are not there are out. */
export type Instructions = ReadonlyMap<number, number>;

/** Decides by the scores alone. */
export type Adapt = (info: Histories) => Instructions;

/** When a model has learned enough. */
export interface Limits {
  /** Calls without gain after which a model rests; 0: none. */
  readonly patience: number;
  /** What is no gain; null: everything is one. */
  readonly tol: number | null;
  /** Calls that a model gets at most; null: as many as it is told to. */
  readonly maxIter: number | null;
}

/** What an Adapt decided, within limits. */
export class Schedule {
  readonly #adapt: Adapt;
  readonly #limits: Limits;
  /** The calls that each model is to have before #adapt is asked again. */
  #targets: ReadonlyMap<number, number> = new Map();

  constructor(adapt: Adapt, limits: Limits) {
    this.#adapt = adapt;
    this.#limits = limits;
  }

  /** With patience, models are scored at least every `patience` calls on their way. */
  next(info: Histories): Instructions {
    const left = [...this.#targets].filter(([id]) => info.has(id));
    const rest = new Map(left.map(([id, target]) => [id, target - callsOf(info, id)]));
    const going = this.#limited(rest, info);
    if ([...going.values()].some((calls) => calls > 0)) return going;
    const decided = this.#adapt(info);
    this.#targets = new Map(Array.from(decided, ([id, calls]) => [id, callsOf(info, id) + calls]));
    return this.#limited(decided, info);
  }

  #limited(instructions: Instructions, info: Histories): Instructions {
    const { patience, maxIter } = this.#limits;
    const most = patience > 0 ? patience : Infinity;
    return new Map(
      Array.from(instructions, ([id, calls]) => {
        const left = (maxIter ?? Infinity) - callsOf(info, id);
        return [id, this.#isFlat(info.get(id) ?? []) ? 0 : Math.max(0, Math.min(calls, left, most))];
      }),
    );
  }

  /** Whether no score of the last `patience` calls is better than the first of them by more than tol. */
  #isFlat(history: readonly Scored[]): boolean {
    const { patience, tol } = this.#limits;
    const calls = history.at(-1)?.partialFitCalls ?? 0;
    if (patience === 0 || tol === null || calls < patience) return false;
    const [first, ...later] = history.filter(({ partialFitCalls }) => calls - partialFitCalls <= patience);
    return later.length > 0 && later.every(({ score }) => score - (first as Scored).score <= tol);
  }
}

function callsOf(info: Histories, id: number): number {
  return info.get(id)?.at(-1)?.partialFitCalls ?? 0;
}

/** The k models whose last scores are greatest, the best first; of equal ones the first, NaN is less than all. */
export function bestModels(info: Histories, k: number): number[] {
  const worth = new Map(
    Array.from(info, ([id, history]) => {
      const score = history.at(-1)?.score ?? NaN;
      return [id, Number.isNaN(score) ? -Infinity : score];
    }),
  );
  const order = [...worth.keys()].sort((a, b) => {
    const [first, second] = [worth.get(a) as number, worth.get(b) as number];
    return first === second ? a - b : second - first;
  });
  return order.slice(0, k);
}

/** All models go on. */
export function allGoOn(fitsPerScore: number): Adapt {
  return (info) => new Map(Array.from(info.keys(), (id) => [id, fitsPerScore]));
}

/**
 * After t calls the best n / (1 + t) ** decayRate models go on, until one is left (Dask-ML's InverseDecaySearchCV): from
 * one number of models to the next, with patience in steps of fitsPerScore calls.
 */
export function inverseDecay(on: {
  readonly models: number;
  readonly decayRate: number;
  readonly fitsPerScore: number;
  readonly patience: number;
}): Adapt {
  const wanted = (calls: number): number => Math.floor(on.models / (1 + calls) ** on.decayRate);
  return (info) => {
    const now = Math.max(...Array.from(info.keys(), (id) => callsOf(info, id))) + 1;
    let then = now;
    const isShort = (): boolean => then - now < on.fitsPerScore;
    const isLong = on.decayRate > 0 && on.patience === 0;
    if (wanted(now) > 0) while (wanted(then) === wanted(now) && (isLong || isShort())) then++;
    const best = bestModels(info, Math.max(1, wanted(then)));
    return new Map(best.map((id) => [id, best.length === 1 ? 0 : then - now]));
  };
}

/** What a schedule of successive halving is made from. */
export interface Halving {
  readonly nInitialParameters: number;
  readonly nInitialIter: number;
  readonly aggressiveness: number;
}

/** Of n models the best n / aggressiveness go on for aggressiveness times as long, and so on, until none is left to choose. */
export function successiveHalving({ nInitialParameters, nInitialIter, aggressiveness }: Halving): Adapt {
  let steps = 0;
  return (info) => {
    for (;;) {
      const power = aggressiveness ** steps++;
      const best = bestModels(info, Math.floor(nInitialParameters / power));
      if (best.length === 0) return new Map(Array.from(info.keys(), (id) => [id, 0]));
      const target = roundHalfEven(nInitialIter * power);
      const more = best.map((id) => [id, target - callsOf(info, id)] as const);
      if (more.some(([, calls]) => calls > 0)) return new Map(more);
      info = new Map(best.map((id) => [id, info.get(id) ?? []])); // they have had as many: on to the next step
    }
  };
}

/** numpy's round: halves to the even neighbour. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** How a search would go. */
export interface Simulated {
  /** Calls of every model. */
  readonly calls: readonly number[];
  /** After how many calls models were compared, ascending. */
  readonly decisions: readonly number[];
}

/** How a schedule goes where the models rank as they come: its limits must have no patience, for no score says when to rest. */
export function simulate(models: number, schedule: Schedule): Simulated {
  const calls = Array.from({ length: models }, () => 1);
  const decisions = new Set([1]);
  const infoOf = (ids: Iterable<number>): Histories =>
    new Map(Array.from(ids, (id) => [id, [{ partialFitCalls: calls[id] as number, score: -id }]]));
  let info = infoOf(calls.keys());
  for (;;) {
    const instructions = schedule.next(info);
    const going = [...instructions].filter(([, more]) => more > 0);
    if (going.length === 0) return { calls, decisions: [...decisions].sort((a, b) => a - b) };
    for (const [id, more] of going) decisions.add((calls[id] = (calls[id] as number) + more));
    info = infoOf(instructions.keys());
  }
}
