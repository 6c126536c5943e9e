/** `npm run bench [part of a name …]`: every bench in a process of its own, one after the other. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".bench.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
for (const file of files) {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", `${here}${file}`], {
    stdio: ["inherit", "inherit", "pipe"],
    encoding: "utf8",
  });
  // ydf-training logs every step of its own to stderr, a line starting I0000 each.
  process.stderr.write(stderr.replace(/^(I0000|WARNING: All log).*\n/gm, ""));
  if (status !== 0) process.exitCode = 1;
}
