#!/usr/bin/env node
// Checks that every C++ file is formatted as .clang-format says; --fix formats them. The clang-format is the one npm
// installs (clang-format-node), so the answer does not depend on the machine.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { filesUnder, root, stop } from "./lib/tree.mjs";

const fix = process.argv.includes("--fix");
const clangFormat = createRequire(import.meta.url).resolve("clang-format-node/build/cli.js");
const files = [...filesUnder("native"), ...filesUnder("test/native")].filter((file) => /\.(cc|h)$/.test(file));
const mode = fix ? ["-i"] : ["--dry-run", "-Werror"];
const { status, stdout, stderr } = spawnSync(process.execPath, [clangFormat, ...mode, ...files], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
if (status !== 0) {
  const unformatted = new Set([...`${stdout}${stderr}`.matchAll(/^(\S+?):\d+:\d+: error/gm)].map((match) => match[1]));
  if (unformatted.size === 0) console.error(stderr);
  for (const file of unformatted) console.error(`not formatted: ${file}`);
  stop("clang-format: run npm run format");
}
console.log(`clang-format: ${files.length} files ${fix ? "formatted" : "are formatted"}`);
