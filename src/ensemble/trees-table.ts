import type * as ArrowModule from "apache-arrow";
import type { DataType, Vector } from "apache-arrow";
import { loadArrow, packBits } from "../data/arrow-table.js";
import type { CollectedTable } from "../data/collected-table.js";
import type { BoostingNodes } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { BoostingForest } from "./boosting-predict.js";
import { codesOf, depthsOf } from "./tree-nodes.js";

type Arrow = typeof ArrowModule;
type Column = Int32Array | Float64Array;
type Int32Name = "tree" | "node" | "depth" | "feature" | "left" | "right" | "leaf";
type Float64Name = "threshold" | "value" | "intercept" | "gain" | "count";

/** All nodes of all trees as an Arrow table, a row a node: column by column, without an object a node. */
export async function treesTable(
  forest: BoostingForest,
  names: readonly string[] | undefined,
  where: string,
): Promise<CollectedTable> {
  const arrow = await loadArrow(where);
  const { nIterations, nTreesPerIteration } = forest.info;
  const trees = Array.from({ length: nIterations * nTreesPerIteration }, (_, t) =>
    addon().boostingNodes(forest.model, t),
  );
  const columns = new NodeColumns(trees.reduce((sum, { feature }) => sum + feature.length, 0));
  for (const [t, tree] of trees.entries()) columns.add(tree, t, forest);
  return columns.table(arrow, names);
}

/** Lists of numbers, one a row at most, end to end. */
class Lists {
  readonly offsets: Int32Array;
  readonly isThere: Uint8Array;
  readonly values: number[] = [];
  /** Of (feature, slope): the other half. */
  readonly others: number[] = [];

  constructor(rows: number) {
    this.offsets = new Int32Array(rows + 1);
    this.isThere = new Uint8Array(rows);
  }

  add(row: number, values: Iterable<number> | undefined, others: Iterable<number> = []): void {
    if (values !== undefined) {
      this.isThere[row] = 1;
      for (const value of values) this.values.push(value);
      for (const value of others) this.others.push(value);
    }
    this.offsets[row + 1] = this.values.length;
  }
}

class NodeColumns {
  readonly #rows: number;
  #filled = 0;
  readonly #int32: Record<Int32Name, Int32Array>;
  readonly #float64: Record<Float64Name, Float64Array>;
  readonly #missingLeft: Uint8Array;
  readonly #isSplit: Uint8Array;
  readonly #lists: Record<"categories" | "values" | "slopes", Lists>;

  constructor(rows: number) {
    this.#rows = rows;
    const int32 = (): Int32Array => new Int32Array(rows);
    const float64 = (): Float64Array => new Float64Array(rows);
    this.#int32 = {
      tree: int32(),
      node: int32(),
      depth: int32(),
      feature: int32(),
      left: int32(),
      right: int32(),
      leaf: int32(),
    };
    this.#float64 = {
      threshold: float64(),
      value: float64(),
      intercept: float64(),
      gain: float64(),
      count: float64(),
    };
    this.#missingLeft = new Uint8Array(rows);
    this.#isSplit = new Uint8Array(rows);
    this.#lists = { categories: new Lists(rows), values: new Lists(rows), slopes: new Lists(rows) };
  }

  add(nodes: BoostingNodes, tree: number, forest: BoostingForest): void {
    const first = this.#filled;
    const n = nodes.feature.length;
    this.#filled += n;
    for (const name of ["feature", "left", "right"] as const) this.#int32[name].set(nodes[name], first);
    for (const name of ["threshold", "value", "gain", "count"] as const) this.#float64[name].set(nodes[name], first);
    this.#int32.depth.set(depthsOf(nodes), first);
    this.#int32.tree.fill(tree, first, first + n);
    this.#missingLeft.set(nodes.missingLeft, first);
    for (let node = 0, leaves = 0; node < n; node++) {
      const row = first + node;
      this.#int32.node[row] = node;
      const isLeaf = (nodes.feature[node] as number) < 0;
      this.#isSplit[row] = Number(!isLeaf);
      this.#int32.leaf[row] = leaves;
      this.#addLists(nodes, node, row, isLeaf ? leaves : undefined, forest);
      if (isLeaf) leaves++;
    }
  }

  #addLists(nodes: BoostingNodes, node: number, row: number, leaf: number | undefined, forest: BoostingForest): void {
    const { nOutputs, categories } = forest.info;
    const set = nodes.set[node] as number;
    const isOnSet = leaf === undefined && set >= 0;
    this.#lists.categories.add(
      row,
      isOnSet ? codesOf(nodes, set, categories[nodes.feature[node] as number]) : undefined,
    );
    const hasVector = leaf !== undefined && nodes.vectors.length > 0;
    this.#lists.values.add(row, hasVector ? nodes.vectors.subarray(leaf * nOutputs, (leaf + 1) * nOutputs) : undefined);
    if (hasVector) this.#float64.value[row] = NaN;
    const linear = leaf === undefined ? undefined : nodes.linear[leaf];
    const isLinear = linear !== undefined && linear.slopes.length > 0;
    this.#lists.slopes.add(row, isLinear ? linear.features : undefined, isLinear ? linear.slopes : []);
    if (isLinear) this.#float64.intercept[row] = linear.constant;
  }

  table(arrow: Arrow, names: readonly string[] | undefined): CollectedTable {
    const isSplit = (row: number): boolean => this.#isSplit[row] === 1;
    const isLeaf = (row: number): boolean => !isSplit(row);
    const int32 = (name: Int32Name, isThere?: (row: number) => boolean): Vector =>
      this.#vector(arrow, new arrow.Int32(), this.#int32[name], isThere);
    const float64 = (name: Float64Name, isThere?: (row: number) => boolean): Vector =>
      this.#vector(arrow, new arrow.Float64(), this.#float64[name], isThere);
    const { categories, values, slopes } = this.#lists;
    const numbers = ({ values: of }: Lists): ArrowModule.Data => numberData(arrow, Float64Array.from(of));
    return new arrow.Table({
      tree: int32("tree"),
      node: int32("node"),
      depth: int32("depth"),
      feature: int32("feature", isSplit),
      featureName: this.#names(arrow, names),
      threshold: float64("threshold", (row) => isSplit(row) && categories.isThere[row] === 0),
      categories: this.#list(arrow, categories, new arrow.Field("code", new arrow.Float64()), numbers(categories)),
      left: int32("left", isSplit),
      right: int32("right", isSplit),
      missingLeft: this.#vector(
        arrow,
        new arrow.Bool(),
        packBits(this.#rows, (i) => this.#missingLeft[i] === 1),
        isSplit,
      ),
      value: float64("value"),
      values: this.#list(arrow, values, new arrow.Field("value", new arrow.Float64()), numbers(values)),
      intercept: float64("intercept", (row) => slopes.isThere[row] === 1),
      slopes: this.#slopes(arrow),
      gain: float64("gain"),
      count: float64("count"),
      leaf: int32("leaf", isLeaf),
    } as never);
  }

  #vector(arrow: Arrow, type: DataType, data: Column | Uint8Array, isThere?: (row: number) => boolean): Vector {
    return arrow.makeVector(arrow.makeData({ type, length: this.#rows, data, ...this.#nulls(isThere) } as never));
  }

  #nulls(isThere: ((row: number) => boolean) | undefined): { nullCount: number; nullBitmap?: Uint8Array } {
    if (isThere === undefined) return { nullCount: 0 };
    let nullCount = 0;
    for (let row = 0; row < this.#rows; row++) nullCount += isThere(row) ? 0 : 1;
    return { nullCount, nullBitmap: packBits(this.#rows, isThere) };
  }

  #list(arrow: Arrow, { offsets, isThere }: Lists, field: ArrowModule.Field, child: ArrowModule.Data): Vector {
    const nulls = this.#nulls((row) => isThere[row] === 1);
    const type = new arrow.List(field);
    return arrow.makeVector(
      arrow.makeData({ type, length: this.#rows, valueOffsets: offsets, child, ...nulls } as never),
    );
  }

  /** Slopes of linear leaves: { feature, slope } each. */
  #slopes(arrow: Arrow): Vector {
    const { slopes } = this.#lists;
    const fields = [new arrow.Field("feature", new arrow.Int32()), new arrow.Field("slope", new arrow.Float64())];
    const type = new arrow.Struct(fields as never);
    const features = Int32Array.from(slopes.values);
    const children = [
      arrow.makeData({ type: new arrow.Int32(), length: features.length, data: features }),
      numberData(arrow, Float64Array.from(slopes.others)),
    ];
    const child = arrow.makeData({ type, length: features.length, nullCount: 0, children } as never);
    return this.#list(arrow, slopes, new arrow.Field("slope", type as never), child as never);
  }

  /** Names of the features that splits are on; all missing if they have none. */
  #names(arrow: Arrow, names: readonly string[] | undefined): Vector {
    const encoded = names?.map((name) => new TextEncoder().encode(name));
    const nameOf = (row: number): Uint8Array | undefined =>
      this.#isSplit[row] === 1 ? encoded?.[this.#int32.feature[row] as number] : undefined;
    const valueOffsets = new Int32Array(this.#rows + 1);
    for (let row = 0; row < this.#rows; row++) {
      valueOffsets[row + 1] = (valueOffsets[row] as number) + (nameOf(row)?.length ?? 0);
    }
    const data = new Uint8Array(valueOffsets[this.#rows] as number);
    for (let row = 0; row < this.#rows; row++) {
      const name = nameOf(row);
      if (name) data.set(name, valueOffsets[row]);
    }
    const nulls = this.#nulls((row) => nameOf(row) !== undefined);
    const props = { type: new arrow.Utf8(), length: this.#rows, valueOffsets, data, ...nulls };
    return arrow.makeVector(arrow.makeData(props as never));
  }
}

function numberData(arrow: Arrow, data: Float64Array): ArrowModule.Data {
  return arrow.makeData({ type: new arrow.Float64(), length: data.length, data });
}
