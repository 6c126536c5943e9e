import { readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Paths of all files under a folder of the project, relative to the root, in order. A missing folder has none. */
export function filesUnder(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/** Says why and ends the process with 1. */
export function stop(message) {
  console.error(message);
  process.exit(1);
}

/** Prints each complaint and ends with 1, or prints that all is well. */
export function report(tool, complaints, allIsWell) {
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) stop(`${tool}: ${complaints.length} to put right`);
  console.log(`${tool}: ${allIsWell}`);
}
