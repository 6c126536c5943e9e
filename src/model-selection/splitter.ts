import { inspect } from "node:util";
import { invalidArgument, invalidData } from "../base/errors.js";
import { checkParams, withDefaults, type ParamSpecs } from "../base/params.js";
import { rowsOf, type Splittable } from "../data/split.js";
import { encodeLabels, type EncodedLabels, type VectorLike } from "../data/vector.js";
import type { Fold } from "./fold.js";

/** The table to split: rows are counted, nothing else of it is read. A number: that many rows. */
export type RowsLike = Splittable | number;

/** What a split looks at besides the number of rows. */
export interface SplitOptions {
  /** The group of every row: a patient, a day, a customer. Rows of a group stay together where a splitter knows groups. */
  readonly groups?: VectorLike | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a splitter sees of a table. */
export interface SplitInput {
  readonly rows: number;
  readonly labels: EncodedLabels | undefined;
  readonly groups: EncodedLabels | undefined;
  readonly where: string;
  readonly signal: AbortSignal | undefined;
}

/** What a splitter asks for. */
export interface Needs {
  readonly labels?: boolean;
  readonly groups?: boolean;
}

/**
 * A way of dividing rows into rows to learn from and rows to test on, again and again: scikit-learn's splitters. A
 * splitter without randomState that draws at random draws anew in every call of split.
 */
export abstract class Splitter<P extends object = object> {
  readonly #name: string;
  readonly #params: P;

  /** @throws TreelineError ERR_INVALID_ARGUMENT for a parameter that does not exist or is out of range. */
  protected constructor(name: string, specs: ParamSpecs<P>, params: Partial<P>) {
    this.#name = name;
    this.#params = withDefaults(name, specs, params);
    checkParams(name, specs, this.#params);
  }

  /** The class's name, also in minified programs. */
  get className(): string {
    return this.#name;
  }

  /** The parameters: a copy. */
  getParams(): P {
    return { ...this.#params };
  }

  protected get params(): Readonly<P> {
    return this.#params;
  }

  protected get needs(): Needs {
    return {};
  }

  /** The folds, lazily. The input holds what `needs` names. @internal */
  protected abstract folds(input: SplitInput): AsyncIterable<Fold> | Iterable<Fold>;

  /** How many folds split gives. Only splitters whose number depends on the data need X, y or groups. */
  abstract getNSplits(X?: RowsLike, y?: VectorLike | null, options?: SplitOptions): Promise<number>;

  /**
   * Row numbers [train, test] of every fold, ascending.
   *
   * @param X the table, or its number of rows.
   * @param y labels, for splitters that are stratified.
   * @throws TreelineError ERR_INVALID_DATA for too few rows, or classes or groups; ERR_INVALID_ARGUMENT where y or groups are missing.
   */
  async *split(
    X: RowsLike,
    y?: VectorLike | null,
    options: SplitOptions = {},
  ): AsyncGenerator<[train: Int32Array, test: Int32Array], void, undefined> {
    for await (const { train, test } of this.masks(X, y, options)) yield [train.indices(), test.indices()];
  }

  /** The folds as masks, a bit a row. @internal */
  async *masks(
    X: RowsLike,
    y?: VectorLike | null,
    options: SplitOptions = {},
    where = `${this.#name}.split`,
  ): AsyncGenerator<Fold, void, undefined> {
    for await (const fold of this.folds(await this.read(X, y, options, where))) {
      options.signal?.throwIfAborted();
      yield fold;
    }
  }

  /** What of a table the splitter needs. */
  protected async read(
    X: RowsLike,
    y: VectorLike | null | undefined,
    options: SplitOptions,
    where = this.#name,
  ): Promise<SplitInput> {
    const { groups, signal } = options;
    const rows = typeof X === "number" ? X : await rowsOf(X, where, { signal });
    const coded = async (values: VectorLike | null | undefined, name: string): Promise<EncodedLabels> => {
      if (values === undefined || values === null)
        throw invalidArgument(`${where}: ${name} is missing, and needed here`);
      const encoded = await encodeLabels(values, `${where}: ${name}`, signal);
      if (encoded.codes.length === rows) return encoded;
      throw invalidData(`${where}: ${name} has ${encoded.codes.length} values, but X has ${rows} rows`);
    };
    return {
      rows,
      labels: this.needs.labels ? await coded(y, "y") : undefined,
      groups: this.needs.groups ? await coded(groups, "groups") : undefined,
      where,
      signal,
    };
  }

  [inspect.custom](): string {
    const params = Object.entries(this.#params).map(([name, value]) => `${name}: ${inspect(value, { depth: 1 })}`);
    return `${this.#name}(${params.join(", ")})`;
  }

  toString(): string {
    return inspect(this);
  }
}
