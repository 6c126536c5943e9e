// The parts of a CI run, one after the other: `node .ci/parts.mjs [--deep] [part of a name …]`. What takes longest is run
// with --deep, or when it is named. A part counts the tests it reports
// ("N passed, N failed", or doctest's summary), else as one.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

const ENDING = /^(\d+) passed, (\d+) failed$/gm;
const DOCTEST = /test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed/g;

const DEEP = new Set([
  "native tests, baseline kernels", // the kernels' own tests try every instruction set of the machine
  "native tests, ASan and UBSan",
  "native tests, TSan",
  "native tests, arm64 under QEMU",
  "addon in Node, ASan and UBSan",
  "addon in Node, TSan",
  "clang-tidy",
]);
const parts = [
  ["npm ci", "npm", "ci", "--no-audit", "--no-fund"],
  ["npm test", "npm", "test"],
  ["rooms", "npm", "run", "check:rooms"],
  ["seam", "npm", "run", "check:seam"],
  ["symbols", "npm", "run", "check:symbols"],
  ["types", "npm", "run", "check:types"],
  ["lint", "npm", "run", "lint"],
  ["format", "npm", "run", "format:check"],
  ["reference pages", "npm", "run", "docs"],
  ["native tests", "npm", "run", "test:native"],
  ["native tests, baseline kernels", "env", "TREELINE_ISA=baseline", "npm", "run", "test:native"],
  ["native tests, ASan and UBSan", "npm", "run", "test:native", "--", "address,undefined"],
  ["native tests, TSan", "npm", "run", "test:native", "--", "thread"],
  ["native tests, arm64 under QEMU", "node", "tools/test-arm64.mjs"],
  ["addon in Node, ASan and UBSan", "npm", "run", "test:sanitized", "--", "address,undefined"],
  ["addon in Node, TSan", "npm", "run", "test:sanitized", "--", "thread"],
  ["package", "npm", "run", "test:package"],
  ["Node 20, 22, 24", "node", "tools/smoke-node-versions.mjs"],
  ["clang-tidy", "npm", "run", "check:tidy"],
  ["nothing left behind", "sh", "-c", 'git status --short && test -z "$(git status --porcelain)"'],
];

function run(command, args) {
  return new Promise((resolve) => {
    const env = { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...process.env };
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

function count(ok, output) {
  const ending = [...output.matchAll(ENDING)].at(-1) ?? [...output.matchAll(DOCTEST)].at(-1);
  const passed = ending ? Number(ending[1]) : ok ? 1 : 0;
  const failed = ending ? Number(ending[2]) : 0;
  return { passed, failed: ok ? failed : Math.max(1, failed) };
}

const deep = process.argv.includes("--deep");
const wanted = process.argv.slice(2).filter((argument) => argument !== "--deep");
const start = performance.now();
const total = { passed: 0, failed: 0 };
for (const [name, command, ...args] of parts) {
  if (wanted.length > 0 ? !wanted.some((part) => name.includes(part)) : DEEP.has(name) && !deep) continue;
  const began = performance.now();
  const { ok, output } = await run(command, args);
  const { passed, failed } = count(ok, output);
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${failed > 0 ? "FAIL" : "ok  "} ${name}: ${passed} passed and ${failed} failed in ${seconds} s`);
  if (failed > 0) {
    const lines = output.trimEnd().split("\n").slice(-150);
    for (const line of lines) console.log(`     | ${line}`);
  }
  if (name === "npm ci" && failed > 0) break; // nothing else can work
}
console.log(`all parts took ${((performance.now() - start) / 60_000).toFixed(1)} min`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
