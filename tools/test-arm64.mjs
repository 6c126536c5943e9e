#!/usr/bin/env node
// Cross-compiles the native tests for 64-bit ARM and runs them under QEMU: the NEON kernels without the hardware.
// Debian: apt install g++-aarch64-linux-gnu qemu-user. `node tools/test-arm64.mjs [doctest options …]`.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root, stop } from "./lib/tree.mjs";

const build = "build-arm64";
const compiler = "aarch64-linux-gnu-g++";
for (const name of [compiler, "qemu-aarch64"]) {
  if (spawnSync(name, ["--version"]).status !== 0) {
    stop(`test-arm64 needs ${name} (Debian: apt install g++-aarch64-linux-gnu qemu-user)`);
  }
}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

run(
  "cmake",
  ...["-S", ".", "-B", build, "-DTREELINE_TESTS=ON", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_SYSTEM_NAME=Linux"],
  ...["-DCMAKE_SYSTEM_PROCESSOR=aarch64", `-DCMAKE_CXX_COMPILER=${compiler}`, "-DDOCTEST_INCLUDE=/usr/include"],
);
run("cmake", "--build", build, "--target", "treeline_tests", "-j", String(availableParallelism()));
run("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", join(build, "treeline_tests"), ...process.argv.slice(2));
