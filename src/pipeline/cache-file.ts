import { open, type FileHandle } from "node:fs/promises";
import type { AnyEstimator } from "../base/estimator.js";
import { estimatorFromBuffer, estimatorToBuffer, type Construct } from "../base/persistence.js";
import { replaceFile } from "../base/replace-file.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix, type Order } from "../data/matrix.js";

/** What a cache keeps of a transformer's fit: the transformer, and what it made of the rows. */
export interface CachedStep {
  readonly fitted: AnyEstimator;
  readonly Z: Matrix | CsrMatrix;
}

/**
 * The file: "TLCACHE1" · u32 bytes of the header · header (JSON) · padding · parts, each on an 8-byte boundary: the
 * transformer as `save` writes it, then the arrays of the table. Little endian.
 */
const MAGIC = "TLCACHE1";
const PREFIX_BYTES = 12;
const ARRAYS = { Float64Array, Float32Array, Int32Array } as const;
type PartArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

interface Header {
  readonly modelBytes: number;
  readonly shape: readonly [number, number];
  /** The order of a Matrix; null: a CsrMatrix. */
  readonly order: Order | null;
  readonly arrays: readonly { readonly type: keyof typeof ARRAYS; readonly length: number }[];
}

const align = (bytes: number): number => (bytes + 7) & ~7;

/** @throws TreelineError ERR_IO; ERR_INVALID_ARGUMENT where a parameter cannot be saved. */
export async function writeCached(path: string, { fitted, Z }: CachedStep): Promise<void> {
  const model = estimatorToBuffer(fitted);
  const arrays = (Z instanceof Matrix ? [Z.data] : [Z.data, Z.indices, Z.indptr]) as PartArray[];
  const header: Header = {
    modelBytes: model.byteLength,
    shape: Z.shape,
    order: Z instanceof Matrix ? Z.order : null,
    arrays: arrays.map((array) => ({ type: array.constructor.name as keyof typeof ARRAYS, length: array.length })),
  };
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 0, "latin1");
  prefix.writeUInt32LE(text.length, 8);
  await replaceFile(path, pieces([Buffer.concat([prefix, text]), model, ...arrays]), "withCache");
}

/** Parts and what fills them up to an 8-byte boundary, in pieces of 16 MB. */
function* pieces(parts: readonly (Uint8Array | PartArray)[]): Generator<Uint8Array, void, undefined> {
  const most = 16 << 20;
  for (const part of parts) {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let begin = 0; begin < bytes.length; begin += most) yield bytes.subarray(begin, begin + most);
    yield new Uint8Array(align(bytes.length) - bytes.length);
  }
}

/**
 * What writeCached wrote; undefined where there is no such file.
 *
 * @throws TreelineError or Error for a file that is damaged or cannot be read.
 */
export async function readCached(path: string, construct: Construct): Promise<CachedStep | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  try {
    const prefix = await filled(file, Buffer.alloc(PREFIX_BYTES), 0);
    if (prefix.toString("latin1", 0, 8) !== MAGIC) throw new Error("it is no file of the cache");
    const text = await filled(file, Buffer.alloc(prefix.readUInt32LE(8)), PREFIX_BYTES);
    const header = JSON.parse(text.toString("utf8")) as Header;
    let at = align(PREFIX_BYTES + text.length);
    const next = async <T extends ArrayBufferView>(array: T): Promise<T> => {
      const part = await filled(file, array, at);
      at = align(at + array.byteLength);
      return part;
    };
    const model = await next(new Uint8Array(header.modelBytes));
    const arrays: PartArray[] = [];
    for (const { type, length } of header.arrays) arrays.push(await next(new ARRAYS[type](length)));
    const [data, indices, indptr] = arrays as [Float64Array, Int32Array, Int32Array];
    const Z =
      header.order === null
        ? new CsrMatrix(data, indices, indptr, header.shape)
        : new Matrix(data, header.shape, header.order);
    return { fitted: estimatorFromBuffer(model, construct, `withCache: ${path}`), Z };
  } finally {
    await file.close();
  }
}

/** The array filled with the bytes from `position` on. */
async function filled<T extends ArrayBufferView>(file: FileHandle, array: T, position: number): Promise<T> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, 1 << 30), position + done);
    if (bytesRead === 0) throw new Error("it is truncated");
    done += bytesRead;
  }
  return array;
}
