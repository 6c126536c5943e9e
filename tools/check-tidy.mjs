#!/usr/bin/env node
// Runs clang-tidy (19; Debian: clang-tidy-19) on every file of native/ with the flags of the release build:
// `node tools/check-tidy.mjs [part of a path …]`. Static objects with destructors are refused too
// (-Wexit-time-destructors): process.exit() destroys them while a fit may still be running.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { report, root, stop } from "./lib/tree.mjs";

const wanted = process.argv.slice(2);
const tool = ["clang-tidy-19", "clang-tidy"].find((name) => spawnSync(name, ["--version"]).status === 0);
if (tool === undefined) stop("check-tidy needs clang-tidy 19 (Debian: apt install clang-tidy-19)");
const database = join(root, "build/compile_commands.json");
if (!existsSync(database)) stop("check-tidy: build the addon first (npm run build:native)");

const files = JSON.parse(readFileSync(database, "utf8"))
  .map((entry) => relative(root, entry.file))
  .filter((file) => file.startsWith("native/") && (wanted.length === 0 || wanted.some((part) => file.includes(part))));
const extra = [
  "-Wno-unknown-warning-option",
  "-Wexit-time-destructors",
  "-Wno-unused-command-line-argument",
  "-Wno-deprecated-declarations",
];

function tidy(file) {
  return new Promise((resolve) => {
    const args = ["-p", join(root, "build"), "--quiet", ...extra.map((flag) => `--extra-arg=${flag}`), file];
    const child = spawn(tool, args, { cwd: root });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.resume();
    child.on("close", (code) => resolve(code === 0 ? [] : [`${file}:\n${output}`]));
  });
}

const queue = [...files];
const complaints = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) complaints.push(...(await tidy(file)));
  }),
);
report("check-tidy", complaints, `${files.length} files`);
