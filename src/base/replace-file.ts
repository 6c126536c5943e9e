import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TreelineError } from "./errors.js";

/**
 * Writes beside the target, then renames over it: readers see the old file or the new one, never half of one.
 *
 * @param where what the error message starts with.
 * @throws TreelineError ERR_IO
 */
export async function replaceFile(path: string, content: Uint8Array | string, where: string): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.treeline.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
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
