import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { Response } from "undici";
import { TreelineError } from "../base/errors.js";
import type { Progress } from "../native/job.js";
import { BrokenTransfer, HttpStatusError, type HttpClient } from "./http-client.js";

/** A file to download. */
export interface Download {
  readonly url: string;
  /** Where it goes; it appears there whole and checked, or not at all. */
  readonly path: string;
  /** MD5 in hex, where it is known. */
  readonly md5: string | undefined;
  /** Refuses a complete file that is not what was expected; gives the reason. */
  readonly check?: (path: string) => Promise<string | undefined>;
  /** Makes the file that is wanted of the one that was downloaded; default: it is the one. */
  readonly convert?: (downloaded: string, wanted: string) => Promise<void>;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** What identifies the file half of which is there. */
interface Validator {
  readonly url: string;
  /** A strong ETag or a date, for If-Range. */
  readonly tag: string | undefined;
}

/**
 * Downloads to `path`.part, going on where an earlier attempt or an earlier process was interrupted (Range, If-Range),
 * checks the whole, and renames it into place.
 *
 * @throws TreelineError ERR_IO for an unreachable server or a wrong checksum; HttpStatusError; the signal's reason.
 */
export async function downloadFile(client: HttpClient, download: Download): Promise<void> {
  await mkdir(dirname(download.path), { recursive: true });
  const part = await claimPart(download.path);
  try {
    const resumed = await transfer(client, part.path, download);
    let wrong = await complaint(part.path, download);
    if (wrong !== undefined && resumed) {
      // Halves of different files, it may be: once more, from the start.
      await discard(part.path);
      await transfer(client, part.path, download);
      wrong = await complaint(part.path, download);
    }
    if (wrong !== undefined) {
      await discard(part.path);
      throw new TreelineError("ERR_IO", `${client.options.where}: ${download.url} ${wrong}; nothing was kept`);
    }
    await putInPlace(part.path, download);
    await discard(part.path);
  } finally {
    await part.release();
  }
}

async function putInPlace(part: string, { path, convert }: Download): Promise<void> {
  if (convert === undefined) return rename(part, path);
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await convert(part, beside);
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** True if the file was put together from several answers. */
async function transfer(client: HttpClient, part: string, download: Download): Promise<boolean> {
  const headers = async (): Promise<Record<string, string>> => {
    const size = await sizeOf(part);
    const { url, tag } = await readValidator(part);
    if (size === 0 || url !== download.url) return {};
    return { range: `bytes=${size}-`, ...(tag === undefined ? {} : { "if-range": tag }) };
  };
  for (;;) {
    try {
      return await client.get(
        download.url,
        headers,
        (status) => status === 200 || status === 206,
        (response) => receive(response, part, download),
      );
    } catch (error) {
      // 416: the part is as long as the file, or longer.
      if (!(error instanceof HttpStatusError) || error.status !== 416 || (await sizeOf(part)) === 0) throw error;
      await discard(part);
    }
  }
}

/** Writes one answer's body to the part; true if it went on where the part ended. */
async function receive(response: Response, part: string, { url, onProgress }: Download): Promise<boolean> {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  const goesOn = response.status === 206 && range !== null && Number(range[1]) === (await sizeOf(part));
  if (response.status === 206 && !goesOn) {
    await response.body?.cancel();
    await discard(part);
    throw new BrokenTransfer("the server sent another range than was asked for");
  }
  const start = goesOn ? await sizeOf(part) : 0;
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  await writeFile(`${part}.json`, JSON.stringify({ url, tag: tagOf(response) } satisfies Validator));
  const file = await open(part, goesOn ? "a" : "w");
  let done = start;
  try {
    for await (const chunk of response.body ?? []) {
      await file.writeFile(chunk as Uint8Array);
      done += (chunk as Uint8Array).byteLength;
      onProgress?.({ fraction: total ? done / total : 0, done, total: total ?? NaN, score: NaN });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (total !== undefined && done !== total) throw new BrokenTransfer(`the body ended at ${done} of ${total} bytes`);
  return goesOn;
}

/** What If-Range may carry: a strong ETag, else the date. */
function tagOf(response: Response): string | undefined {
  const etag = response.headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return response.headers.get("last-modified") ?? undefined;
}

async function complaint(part: string, { md5, check }: Download): Promise<string | undefined> {
  if (md5 !== undefined) {
    const hash = createHash("md5");
    for await (const chunk of createReadStream(part)) hash.update(chunk as Buffer);
    const actual = hash.digest("hex");
    if (actual !== md5.toLowerCase()) return `has the MD5 checksum ${actual}, but ${md5} was expected`;
  }
  return check?.(part);
}

async function readValidator(part: string): Promise<Partial<Validator>> {
  try {
    return JSON.parse(await readFile(`${part}.json`, "utf8")) as Validator;
  } catch {
    return {}; // No validator: the part cannot be trusted, the download starts over.
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function discard(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(`${part}.json`, { force: true })]);
}

interface Part {
  readonly path: string;
  release(): Promise<void>;
}

/** The shared part, which a later run goes on with; a private one while another process is at it. */
async function claimPart(path: string): Promise<Part> {
  const shared = `${path}.part`;
  const lock = `${shared}.lock`;
  for (let attempt = 0; attempt < 2; attempt++) {
    let file: FileHandle;
    try {
      file = await open(lock, "wx");
    } catch {
      if (await isHeld(lock)) break;
      await rm(lock, { force: true });
      continue;
    }
    await file.writeFile(String(process.pid));
    await file.close();
    return { path: shared, release: () => rm(lock, { force: true }) };
  }
  const own = `${path}.${randomUUID()}.part`;
  return { path: own, release: () => discard(own) };
}

/** Whether the process that holds a lock still runs. */
async function isHeld(lock: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(lock, "utf8"));
    if (pid === 0) return Date.now() - (await stat(lock)).mtimeMs < 10_000; // just made, not yet written
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
