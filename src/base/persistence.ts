import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { TreelineError, show } from "./errors.js";
import type { AnyEstimator } from "./estimator.js";
import { replaceFile } from "./replace-file.js";

/**
 * The file: "TREELINE" · u32 format version · u32 header length · header (JSON) · binary parts, each on an 8-byte
 * boundary · sha256 of everything before it. Little endian. The header is a tree of plain JSON in which
 * { $: kind, … } stands for what JSON has no word for.
 */
const MAGIC = "TREELINE";
export const FORMAT_VERSION = 1;
const PREFIX_BYTES = 16;
const DIGEST_BYTES = 32;

const ARRAYS = {
  Float64Array,
  Float32Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type StateArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** What fitted state is made of: JSON, typed arrays, NaN and ±Infinity, undefined, bigint, and estimators. */
export type State =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | StateArray
  | RegExp
  | ReadonlyMap<State, State>
  | AnyEstimator
  | Made
  | readonly State[]
  | { readonly [key: string]: State };

type Encoded = null | boolean | number | string | Encoded[] | { [key: string]: Encoded };

/** Something with a class and parameters and nothing learned: how rows are split. */
export interface Made {
  readonly className: string;
  getParams(): object;
}

/** Makes an unfitted estimator, or what else has parameters, of a saved class. */
export type Construct = (className: string, params: object) => AnyEstimator | Made;

/** Where the bytes of typed arrays go: their place, in JSON. */
type Place = (bytes: Uint8Array) => { readonly [key: string]: Encoded };
/** The bytes of a typed array, in memory of their own. */
type Fetch = (place: { readonly [key: string]: Encoded }, byteLength: number) => ArrayBuffer;

/** The estimator as JSON, typed arrays as base64. @throws TreelineError ERR_INVALID_ARGUMENT */
export function estimatorToJson(estimator: AnyEstimator): unknown {
  const inline: Place = (bytes) => ({
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
  });
  return { format: MAGIC, version: FORMAT_VERSION, estimator: encode(estimator, inline) };
}

/**
 * @throws TreelineError ERR_INVALID_DATA for data that is no Treeline model, is damaged, or comes from a newer version.
 */
export function estimatorFromJson(json: unknown, construct: Construct): AnyEstimator {
  const { format, version, estimator } = (json ?? {}) as { format?: unknown; version?: unknown; estimator?: Encoded };
  if (format !== MAGIC || typeof version !== "number" || estimator === undefined) {
    throw new TreelineError("ERR_INVALID_DATA", "fromJSON: this is not the JSON of a Treeline model");
  }
  checkVersion(version, "fromJSON");
  const fetch: Fetch = (place, byteLength) => {
    const bytes = Buffer.from(String(place["base64"]), "base64");
    if (bytes.length !== byteLength) throw damaged("fromJSON");
    return new Uint8Array(bytes).buffer;
  };
  return decodeEstimator(estimator, fetch, construct, "fromJSON");
}

/** @throws TreelineError ERR_INVALID_ARGUMENT where a parameter cannot be saved. */
export function estimatorToBuffer(estimator: AnyEstimator): Uint8Array {
  const parts: Uint8Array[] = [];
  let bodyLength = 0;
  const append: Place = (bytes) => {
    const offset = bodyLength;
    parts.push(bytes);
    bodyLength += align(bytes.byteLength);
    return { offset };
  };
  const header = Buffer.from(JSON.stringify(encode(estimator, append)), "utf8");
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 0, "latin1");
  prefix.writeUInt32LE(FORMAT_VERSION, 8);
  prefix.writeUInt32LE(header.length, 12);
  const chunks: Uint8Array[] = [prefix, header, padding(PREFIX_BYTES + header.length)];
  for (const part of parts) chunks.push(part, padding(part.byteLength));
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return Buffer.concat([...chunks, hash.digest()]);
}

/**
 * @throws TreelineError ERR_INVALID_DATA for bytes that are not a Treeline model, are damaged, or come from a newer
 * version.
 */
export function estimatorFromBuffer(bytes: Uint8Array, construct: Construct, where = "fromBuffer"): AnyEstimator {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES + DIGEST_BYTES || buffer.toString("latin1", 0, 8) !== MAGIC) {
    throw new TreelineError("ERR_INVALID_DATA", `${where}: this is not a Treeline model file`);
  }
  const version = buffer.readUInt32LE(8);
  checkVersion(version, where);
  const end = buffer.length - DIGEST_BYTES;
  if (!createHash("sha256").update(buffer.subarray(0, end)).digest().equals(buffer.subarray(end))) {
    throw damaged(where);
  }
  const headerEnd = PREFIX_BYTES + buffer.readUInt32LE(12);
  const header = JSON.parse(buffer.toString("utf8", PREFIX_BYTES, headerEnd)) as Encoded;
  // A copy on an aligned boundary: typed arrays are made over it.
  const body = new Uint8Array(buffer.subarray(align(headerEnd), end)).buffer;
  const fetch: Fetch = ({ offset }, byteLength) => body.slice(offset as number, (offset as number) + byteLength);
  return decodeEstimator(header, fetch, construct, where);
}

function checkVersion(version: number, where: string): void {
  if (version <= FORMAT_VERSION) return;
  throw new TreelineError(
    "ERR_INVALID_DATA",
    `${where}: the model was saved in format ${version}, this version reads up to ${FORMAT_VERSION}: update treeline`,
  );
}

function damaged(where: string): TreelineError {
  return new TreelineError("ERR_INVALID_DATA", `${where}: the model is truncated or damaged (checksum mismatch)`);
}

function decodeEstimator(value: Encoded, fetch: Fetch, construct: Construct, where: string): AnyEstimator {
  const estimator = decode(value, fetch, construct);
  if (typeof estimator !== "object" || estimator === null || !isEstimator(estimator)) throw damaged(where);
  return estimator;
}

/** Writes the file at once: a failed save leaves the old one. @throws TreelineError ERR_IO */
export async function saveEstimator(estimator: AnyEstimator, path: string): Promise<void> {
  await replaceFile(path, estimatorToBuffer(estimator), `${estimator.className}.save`);
}

export async function loadEstimator(path: string, construct: Construct): Promise<AnyEstimator> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new TreelineError("ERR_IO", `load: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return estimatorFromBuffer(bytes, construct, `load: ${path}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function align(offset: number): number {
  return (offset + 7) & ~7;
}

function padding(length: number): Uint8Array {
  return new Uint8Array(align(length) - length);
}

function isEstimator(value: object): value is AnyEstimator {
  return typeof (value as { saveState?: unknown }).saveState === "function";
}

function isMade(value: object): value is Made {
  const { className, getParams } = value as Partial<Made>;
  return typeof className === "string" && typeof getParams === "function";
}

function encode(value: State, place: Place): Encoded {
  switch (typeof value) {
    case "undefined":
      return { $: "undefined" };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: "number", value: Object.is(value, -0) ? "-0" : String(value) };
    case "bigint":
      return { $: "bigint", value: String(value) };
    case "string":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : encodeObject(value, place);
    case "function":
      throw new TreelineError(
        "ERR_INVALID_ARGUMENT",
        "save: a function among the parameters cannot be saved: set that parameter to a value or a name before saving",
      );
    default:
      throw new TreelineError("ERR_INVALID_ARGUMENT", `save: ${show(value)} cannot be saved`);
  }
}

function encodeObject(
  value: Exclude<State, null | undefined | boolean | number | bigint | string>,
  place: Place,
): Encoded {
  if (ArrayBuffer.isView(value)) {
    if (!Object.hasOwn(ARRAYS, value.constructor.name)) {
      throw new TreelineError("ERR_INVALID_ARGUMENT", `save: ${show(value)} cannot be saved`);
    }
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { $: "array", type: value.constructor.name, length: value.length, ...place(bytes) };
  }
  if (Array.isArray(value)) return (value as readonly State[]).map((inner) => encode(inner, place));
  if (value instanceof RegExp) return { $: "regexp", source: value.source, flags: value.flags };
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<State, State>)];
    return { $: "map", entries: entries.map(([key, inner]) => [encode(key, place), encode(inner, place)]) };
  }
  if (isEstimator(value)) {
    const params = encode(value.getParams({ deep: false }) as State, place);
    const state = value.isFitted ? encode(value.saveState(), place) : { $: "undefined" };
    return { $: "estimator", class: value.className, params, state };
  }
  if (isMade(value)) return { $: "made", class: value.className, params: encode(value.getParams() as State, place) };
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TreelineError("ERR_INVALID_ARGUMENT", `save: ${show(value)} cannot be saved`);
  }
  const fields = Object.entries(value as Record<string, State>).map(
    ([key, inner]) => [key, encode(inner, place)] as const,
  );
  return Object.hasOwn(value, "$")
    ? { $: "object", entries: fields.map((field) => [...field]) }
    : Object.fromEntries(fields);
}

function decode(value: Encoded, fetch: Fetch, construct: Construct): State {
  if (typeof value !== "object" || value === null) return value;
  const inner = (part: Encoded | undefined): State => decode(part as Encoded, fetch, construct);
  if (Array.isArray(value)) return value.map(inner);
  const entries = (value["entries"] ?? []) as [Encoded, Encoded][];
  switch (value["$"]) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
    case "undefined":
      return undefined;
    case "number":
      return Number(value["value"]);
    case "bigint":
      return BigInt(value["value"] as string);
    case "regexp":
      return new RegExp(value["source"] as string, value["flags"] as string);
    case "map":
      return new Map(entries.map(([key, part]) => [inner(key), inner(part)]));
    case "object":
      return Object.fromEntries(entries.map(([key, part]) => [key as string, inner(part)]));
    case "array": {
      const name = value["type"] as keyof typeof ARRAYS;
      if (!Object.hasOwn(ARRAYS, name)) throw damaged("load");
      const type = ARRAYS[name];
      return new type(fetch(value, (value["length"] as number) * type.BYTES_PER_ELEMENT));
    }
    case "estimator": {
      const estimator = construct(value["class"] as string, inner(value["params"]) as object) as AnyEstimator;
      const state = inner(value["state"]);
      if (state !== undefined) estimator.loadState(state);
      return estimator;
    }
    case "made":
      return construct(value["class"] as string, inner(value["params"]) as object);
    default:
      throw new TreelineError("ERR_INVALID_DATA", `load: unknown kind of value ${JSON.stringify(value["$"])}`);
  }
}
