#!/usr/bin/env node
// Builds the addon with sanitizers and runs in Node the tests that live dangerously: life cycle, memory safety.
// `node tools/test-sanitized.mjs address,undefined|thread [part of a test's path …]`. Linux with GCC.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root, stop } from "./lib/tree.mjs";

const sanitize = process.argv[2] ?? "address,undefined";
const tests = process.argv.length > 3 ? process.argv.slice(3) : ["test/life-cycle/", "memory-safety"];
const folder = `build-${sanitize.replaceAll(",", "-")}`;
const addon = join(root, folder, "Release/treeline.node");

const cmakeJs = createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
const build = spawnSync(
  process.execPath,
  [cmakeJs, "build", "--log-level", "warn", "-O", folder, `--CDTREELINE_SANITIZE=${sanitize}`],
  { cwd: root, stdio: "inherit", env: { ...process.env, CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()) } },
);
if (build.status !== 0 || !existsSync(addon)) stop("test-sanitized: the build failed");

/** The sanitizer's runtime must come first in the process, which a node built without it cannot arrange by itself. */
function runtime(name) {
  const { stdout } = spawnSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" });
  const path = (stdout ?? "").trim();
  if (!path.startsWith("/")) stop(`test-sanitized: g++ knows no ${name}`);
  return path;
}

const suppressions = (name) => join(root, "tools/sanitizers", name);
const thread = sanitize === "thread";
const environment = {
  ...process.env,
  TREELINE_ADDON: addon,
  LD_PRELOAD: runtime(thread ? "libtsan.so" : "libasan.so"),
  ASAN_OPTIONS: "detect_leaks=1:detect_stack_use_after_return=0:exitcode=66",
  LSAN_OPTIONS: `suppressions=${suppressions("leaks.txt")}:print_suppressions=0:exitcode=66`,
  UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
  TSAN_OPTIONS: `suppressions=${suppressions("threads.txt")}:exitcode=66:ignore_noninstrumented_modules=1`,
  NODE_NO_WARNINGS: "1",
};
// Without address space randomisation: ThreadSanitizer of GCC 12 cannot place its shadow on kernels that randomise a lot.
const quiet = spawnSync("setarch", [process.arch === "x64" ? "x86_64" : "aarch64", "-R", "true"]).status === 0;
const command = [process.execPath, join(root, "tools/run-tests.mjs"), ...tests];
const [first, ...rest] = quiet ? ["setarch", process.arch === "x64" ? "x86_64" : "aarch64", "-R", ...command] : command;
const { status } = spawnSync(first, rest, { cwd: root, stdio: "inherit", env: environment });
process.exit(status ?? 1);
