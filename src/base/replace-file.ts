import { randomUUID } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TreelineError } from "./errors.js";

/** How names of files end that are being written. */
export const TEMPORARY = ".treeline.tmp";

/**
 * Writes beside the target, then renames over it: readers see the old file or the new one, never half of one.
 *
 * @param content what to write; pieces are written one after the other, never joined in memory.
 * @param where what the error message starts with.
 * @throws TreelineError ERR_IO
 */
export async function replaceFile(
  path: string,
  content: Uint8Array | string | Iterable<Uint8Array>,
  where: string,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}${TEMPORARY}`);
  try {
    const file = await open(temporary, "wx");
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TreelineError("ERR_IO", `${where}: cannot write ${path}: ${why}`, { cause });
  }
}
