import { createHash, randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TreelineError } from "./errors.js";
import type { AnyEstimator } from "./estimator.js";

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
  | AnyEstimator
  | readonly State[]
  | { readonly [key: string]: State };

type Encoded = null | boolean | number | string | Encoded[] | { [key: string]: Encoded };

/** Makes an unfitted estimator of a saved class. */
export type Construct = (className: string, params: object) => AnyEstimator;

/** @throws TreelineError ERR_NOT_FITTED */
export function estimatorToBuffer(estimator: AnyEstimator): Uint8Array {
  const parts: Uint8Array[] = [];
  const header = Buffer.from(JSON.stringify(encode(estimator, parts)), "utf8");
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
  if (version > FORMAT_VERSION) {
    throw new TreelineError(
      "ERR_INVALID_DATA",
      `${where}: the model was saved in format ${version}, this version reads up to ${FORMAT_VERSION}: update treeline`,
    );
  }
  const end = buffer.length - DIGEST_BYTES;
  if (!createHash("sha256").update(buffer.subarray(0, end)).digest().equals(buffer.subarray(end))) {
    throw new TreelineError("ERR_INVALID_DATA", `${where}: the model file is truncated or damaged (checksum mismatch)`);
  }
  const headerEnd = PREFIX_BYTES + buffer.readUInt32LE(12);
  const header = JSON.parse(buffer.toString("utf8", PREFIX_BYTES, headerEnd)) as Encoded;
  // A copy on an aligned boundary: typed arrays are made over it.
  const body = new Uint8Array(buffer.subarray(align(headerEnd), end)).buffer;
  return decode(header, body, construct) as AnyEstimator;
}

/** Writes beside the target, then renames over it: readers see the old file or the new one, never half of one. */
export async function saveEstimator(estimator: AnyEstimator, path: string): Promise<void> {
  const bytes = estimatorToBuffer(estimator);
  const temporary = join(dirname(path), `.${randomUUID()}.treeline.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new TreelineError("ERR_IO", `${estimator.className}.save: cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
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

function encode(value: State, parts: Uint8Array[]): Encoded {
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
    default:
  }
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) {
    const offset = parts.reduce((sum, part) => sum + align(part.byteLength), 0);
    parts.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return { $: "array", type: value.constructor.name, offset, length: value.length };
  }
  if (Array.isArray(value)) return (value as readonly State[]).map((inner) => encode(inner, parts));
  if (isEstimator(value)) {
    const params = encode(value.getParams() as State, parts);
    const state = value.isFitted ? encode(value.saveState(), parts) : { $: "undefined" };
    return { $: "estimator", class: value.className, params, state };
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TreelineError("ERR_INVALID_ARGUMENT", `save: a ${value.constructor.name} cannot be saved`);
  }
  return Object.fromEntries(
    Object.entries(value as Record<string, State>).map(([key, inner]) => [key, encode(inner, parts)]),
  );
}

function decode(value: Encoded, body: ArrayBuffer, construct: Construct): State {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => decode(inner, body, construct));
  switch (value["$"]) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decode(inner, body, construct)]));
    case "undefined":
      return undefined;
    case "number":
      return Number(value["value"]);
    case "bigint":
      return BigInt(value["value"] as string);
    case "array": {
      const type = ARRAYS[value["type"] as keyof typeof ARRAYS];
      const offset = value["offset"] as number;
      const length = value["length"] as number;
      return new type(body.slice(offset, offset + length * type.BYTES_PER_ELEMENT));
    }
    case "estimator": {
      const params = decode(value["params"] as Encoded, body, construct) as object;
      const estimator = construct(value["class"] as string, params);
      const state = decode(value["state"] as Encoded, body, construct);
      if (state !== undefined) estimator.loadState(state);
      return estimator;
    }
    default:
      throw new TreelineError("ERR_INVALID_DATA", `load: unknown kind of value ${JSON.stringify(value["$"])}`);
  }
}
