#!/usr/bin/env node
// Builds the native addon from source with cmake-js (headers come from node-api-headers: nothing is downloaded).
// Without --force it leaves a fitting prebuilt binary alone. `npm install` and binding.gyp call it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const force = process.argv.includes("--force");
const options = process.argv.slice(2).filter((argument) => argument !== "--force");

function fail(message) {
  console.error(`treeline: ${message}`);
  process.exit(1);
}

function runs(command, args = ["--version"]) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

const musl = process.platform === "linux" && !process.report?.getReport().header.glibcVersionRuntime;
const prebuilt = join(root, "prebuilds", `${process.platform}-${process.arch}${musl ? "-musl" : ""}.node`);
if (!force && existsSync(prebuilt)) process.exit(0);

if (!runs("cmake")) {
  fail(
    "building the native addon needs CMake 3.18 or newer: install it (Debian/Ubuntu: apt install cmake; macOS: brew install cmake) and run npm install again",
  );
}
const compiler = process.env.CXX ?? (process.platform === "win32" ? undefined : "c++");
if (compiler && !runs(compiler) && !["g++", "clang++"].some((name) => runs(name))) {
  fail(
    "building the native addon needs a C++20 compiler: install one (Debian/Ubuntu: apt install g++; macOS: xcode-select --install) and run npm install again",
  );
}

let cmakeJs;
try {
  cmakeJs = createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
} catch {
  fail(
    "building from source needs the development packages: run npm install --include=dev cmake-js node-addon-api node-api-headers",
  );
}
const parallel =
  process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? String(Math.max(2, (await import("node:os")).availableParallelism()));
const result = spawnSync(process.execPath, [cmakeJs, "build", "--log-level", "warn", ...options], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, CMAKE_BUILD_PARALLEL_LEVEL: parallel },
});
if (result.status !== 0) fail("the native build failed; the first error above says why");
