import type * as ArrowModule from "apache-arrow";
import type { DataType, Vector } from "apache-arrow";
import { TreelineError } from "../base/errors.js";
import type { ColumnArray, FloatArray } from "../native/addon.js";
import type { RawColumn } from "./frame-reader.js";
import type { CollectedTable } from "./collected-table.js";
import { refuseTooLarge } from "./memory-budget.js";
import type { Field } from "./relation.js";

type Arrow = typeof ArrowModule;

/** apache-arrow, loaded on first use. @throws TreelineError ERR_NATIVE when it is not installed. */
export async function loadArrow(where: string): Promise<Arrow> {
  try {
    return await import("apache-arrow");
  } catch (cause) {
    throw new TreelineError(
      "ERR_NATIVE",
      `${where} needs Apache Arrow, an optional dependency: npm install apache-arrow`,
      {
        cause,
      },
    );
  }
}

/** Columns of floats, all in memory, as an Arrow table; names in order, whatever they look like. */
export async function columnsToArrow(
  matrix: { readonly rows: number; column(j: number): FloatArray },
  names: readonly string[],
  where: string,
): Promise<CollectedTable> {
  const arrow = await loadArrow(where);
  const vectors = names.map((_, j) => arrow.makeVector(matrix.column(j)));
  const schema = new arrow.Schema(
    names.map((name, j) => new arrow.Field(name, (vectors[j] as Vector).type as DataType, false)),
  );
  const children = vectors.map((vector) => vector.data[0] as ArrowModule.Data);
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: matrix.rows, children });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, data as ArrowModule.Data<ArrowModule.Struct>)]);
}

/** Batches of columns as an Arrow Table. @throws TreelineError ERR_MEMORY_LIMIT */
export async function toArrowTable(
  batches: AsyncIterable<RawColumn[]>,
  fields: readonly Field[],
): Promise<CollectedTable> {
  const where = "Frame.collect";
  const { vectors, table, nothing } = makerOf(await loadArrow(where), fields);
  const chunks: Vector[][] = fields.map(() => []);
  let bytes = 0;
  for await (const columns of batches) {
    for (const [j, vector] of vectors(columns).entries()) {
      bytes += vector.byteLength;
      chunks[j]?.push(vector);
    }
    refuseTooLarge(bytes, where);
  }
  return table(chunks.map((parts, j) => parts[0]?.concat(...parts.slice(1)) ?? nothing(j)));
}

/** Batches of columns, each as an Arrow Table: all of one schema and with the same dictionaries. */
export async function* toArrowTables(
  batches: AsyncIterable<RawColumn[]>,
  fields: readonly Field[],
  where: string,
): AsyncGenerator<CollectedTable, void, undefined> {
  const { vectors, table } = makerOf(await loadArrow(where), fields);
  for await (const columns of batches) yield table(vectors(columns));
}

/** What makes Arrow data of columns with these fields. */
function makerOf(
  arrow: Arrow,
  fields: readonly Field[],
): {
  readonly vectors: (columns: readonly RawColumn[]) => Vector[];
  readonly table: (vectors: readonly Vector[]) => CollectedTable;
  readonly nothing: (j: number) => Vector;
} {
  const dictionaries = fields.map(
    ({ categories }) => categories && arrow.vectorFromArray(categories, new arrow.Utf8()),
  );
  const types = fields.map((field) => arrowType(arrow, field));
  const schema = new arrow.Schema(fields.map(({ name }, j) => new arrow.Field(name, types[j] as DataType, true)));
  return {
    vectors: (columns) =>
      columns.map((column, j) => vectorOf(arrow, column, types[j] as DataType, dictionaries[j])) as Vector[],
    table: (vectors) =>
      new arrow.Table(schema, Object.fromEntries(fields.map(({ name }, j) => [name, vectors[j] as Vector]))),
    nothing: (j) => arrow.vectorFromArray([], types[j] as DataType) as Vector,
  };
}

function arrowType(arrow: Arrow, { kind, type }: Field): DataType {
  if (kind === "category") return new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
  if (kind === "boolean") return new arrow.Bool();
  if (kind === "time") return new arrow.TimestampMillisecond();
  if (kind !== "number") return new arrow.Utf8();
  switch (type) {
    case "TINYINT":
      return new arrow.Int8();
    case "SMALLINT":
      return new arrow.Int16();
    case "INTEGER":
      return new arrow.Int32();
    case "BIGINT":
      return new arrow.Int64();
    case "UTINYINT":
      return new arrow.Uint8();
    case "USMALLINT":
      return new arrow.Uint16();
    case "UINTEGER":
      return new arrow.Uint32();
    case "UBIGINT":
      return new arrow.Uint64();
    case "FLOAT":
      return new arrow.Float32();
    default:
      return new arrow.Float64();
  }
}

function vectorOf(arrow: Arrow, column: RawColumn, type: DataType, dictionary: Vector | undefined): Vector {
  const { field, values, isNull, length } = column;
  if (values === undefined) return arrow.vectorFromArray(column.strings ?? [], type);
  const nullBitmap = isNull && packBits(length, (i) => isNull[i] === 0);
  const nullCount = isNull?.reduce((sum, missing) => sum + missing, 0) ?? 0;
  const data = field.kind === "boolean" ? packBits(length, (i) => values[i] === 1) : values;
  const props = { type, length, nullCount, nullBitmap, data: data as ColumnArray & Iterable<number>, dictionary };
  return arrow.makeVector(arrow.makeData(props as never));
}

/** Bits, least significant first, padded to 8 bytes. */
export function packBits(length: number, isSet: (i: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let i = 0; i < length; i++) if (isSet(i)) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return bits;
}
