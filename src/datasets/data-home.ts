import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder downloads are kept in: `dataHome`, else the environment variable TREELINE_DATA_HOME, else treeline in the
 * user's cache folder (XDG_CACHE_HOME, ~/.cache).
 */
export function dataHomeFolder(dataHome?: string): string {
  const given = dataHome ?? process.env["TREELINE_DATA_HOME"];
  if (given !== undefined && given !== "") return resolve(given);
  const cache = process.env["XDG_CACHE_HOME"];
  return join(cache !== undefined && cache !== "" ? cache : join(homedir(), ".cache"), "treeline");
}
