#!/usr/bin/env node
// Builds and runs the native unit tests (no Node inside). `node tools/test-native.mjs [sanitizers]`, for example
// `address,undefined` or `thread`. Needs cmake and doctest (Debian: doctest-dev).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { availableParallelism } from "node:os";

const root = fileURLToPath(new URL("..", import.meta.url));
const sanitize = process.argv[2] ?? "";
const build = `build-native${sanitize && `-${sanitize.replaceAll(",", "-")}`}`;

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
}

run("cmake", [
  "-S",
  ".",
  "-B",
  build,
  "-DTREELINE_TESTS=ON",
  `-DTREELINE_SANITIZE=${sanitize}`,
  "-DCMAKE_BUILD_TYPE=Release",
]);
run("cmake", ["--build", build, "--target", "treeline_tests", "-j", String(availableParallelism())]);
run(`${build}/treeline_tests`, []);
