#!/usr/bin/env node
// Builds the native addon from source with cmake-js (headers come from node-api-headers: nothing is downloaded).
// Without --force it leaves a fitting prebuilt binary alone. `npm install` and binding.gyp call it. What is missing on
// the machine is said in one line.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { platformTag } from "./lib/platform.mjs";
import { root, stop } from "./lib/tree.mjs";

const force = process.argv.includes("--force");
const options = process.argv.slice(2).filter((argument) => argument !== "--force");
const again = "and run npm install again";

if (!force && existsSync(join(root, "prebuilds", `${platformTag()}.node`))) process.exit(0);
checkCmake();
if (process.platform !== "win32") checkCompiler();

let cmakeJs;
try {
  cmakeJs = createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
} catch {
  stop(
    "treeline: building from source needs the development packages: run npm install --include=dev in a clone of the repository",
  );
}
const result = spawnSync(process.execPath, [cmakeJs, "build", "--log-level", "warn", ...options], {
  cwd: root,
  stdio: "inherit",
  env: { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...process.env },
});
if (result.status !== 0) stop("treeline: the native build failed; the first error above says why");

function checkCmake() {
  const how = `install it (Debian/Ubuntu: apt install cmake; macOS: brew install cmake) ${again}`;
  const { status, stdout } = spawnSync("cmake", ["--version"], { encoding: "utf8" });
  if (status !== 0) stop(`treeline: building the native addon needs CMake 3.18 or newer: ${how}`);
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) * 1000 + Number(minor) < 3018) {
    stop(`treeline: building the native addon needs CMake 3.18 or newer, this is ${major}.${minor}: ${how}`);
  }
}

/** The compiler CMake will take: $CXX, else the first of c++, g++, clang++. */
function checkCompiler() {
  const how = `install one (Debian/Ubuntu: apt install g++; macOS: xcode-select --install) ${again}`;
  const works = (name, args, input) =>
    spawnSync(name, args, { input, stdio: ["pipe", "ignore", "ignore"] }).status === 0;
  const names = process.env.CXX ? process.env.CXX.split(" ").slice(0, 1) : ["c++", "g++", "clang++"];
  const compiler = names.find((name) => works(name, ["--version"]));
  if (compiler === undefined) stop(`treeline: building the native addon needs a C++20 compiler: ${how}`);
  const program = "#include <bit>\n#include <span>\nconsteval int f() { return 1; }\nconstinit int x = f();\n";
  if (!works(compiler, ["-std=c++20", "-fsyntax-only", "-x", "c++", "-"], program)) {
    stop(
      `treeline: building the native addon needs a C++20 compiler (GCC 11, Clang 14 or newer), ${compiler} is none: ${how}`,
    );
  }
}
