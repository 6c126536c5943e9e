#!/usr/bin/env node
// Runs the TypeScript tests: every test/**/*.test.ts in a process of its own (a native crash or a hang fails one file, not
// the run), a few at a time. `node tools/run-tests.mjs [part of a path …]`. test/package/ packs and installs the package
// (it needs the npm registry) and runs only when it is named. Ends with "N passed, N failed".
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const TIME_LIMIT_MS = 300_000;

function find(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? find(path) : entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

function run(file) {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, ["--expose-gc", "--import", "tsx", file], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: "0" },
    });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const total = Number(/^\s*Total:\s+(\d+)/m.exec(output)?.[1] ?? 0);
      const passed = Number(/^\s*Passed:\s+(\d+)/m.exec(output)?.[1] ?? 0);
      const ended = code === 0 && (total > 0 || process.env.TREELINE_CONTRACT !== undefined); // it may leave nothing to try
      const failed = ended ? total - passed : Math.max(1, total - passed);
      resolve({ file, output, passed, failed, seconds: (performance.now() - start) / 1000, why: signal ?? code });
    });
  });
}

const files = find(join(root, "test"))
  .filter((file) =>
    wanted.length === 0 ? !file.includes("/test/package/") : wanted.some((part) => file.includes(part)),
  )
  .sort();
let passed = 0;
let failed = 0;
const queue = [...files];
await Promise.all(
  Array.from({ length: Math.min(4, availableParallelism()) }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await run(file);
      passed += result.passed;
      failed += result.failed;
      const name = relative(root, file);
      console.log(`${result.failed ? "FAIL" : "ok  "} ${name} (${result.passed}, ${result.seconds.toFixed(1)} s)`);
      if (result.failed) console.log(`${result.output}\n(ended with ${result.why})`);
    }
  }),
);
if (files.length === 0) console.log("no test file matches");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
