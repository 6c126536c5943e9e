#!/usr/bin/env node
// What the linker made of the code (Linux, after a release build): the addon exports the two symbols Node-API needs and
// no other; an instruction set's object file holds no weak function that the linker could take for everyone; and no
// function outside the namespaces of AVX2 and AVX-512 uses their registers.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { filesUnder, report, root, stop } from "./lib/tree.mjs";

const EXPORTS = ["napi_register_module_v1", "node_api_module_get_api_version_v1"];
const addon = join(root, "build/Release/treeline.node");
if (process.platform !== "linux") {
  console.log("check-symbols: nothing to do on this platform");
  process.exit(0);
}
if (!existsSync(addon)) stop("check-symbols: build the addon first (npm run build:native)");

function run(command, ...args) {
  const { status, stdout, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (status !== 0) stop(`check-symbols: ${command} ${args.join(" ")} failed: ${error?.message ?? status}`);
  return stdout;
}

const complaints = [];
const exported = run("nm", "-D", "--defined-only", addon)
  .split("\n")
  .map((line) => line.split(" ").at(-1).split("@")[0])
  .filter((name) => name !== "" && name !== "Base");
for (const name of exported) if (!EXPORTS.includes(name)) complaints.push(`treeline.node exports ${name}`);
for (const name of EXPORTS) if (!exported.includes(name)) complaints.push(`treeline.node does not export ${name}`);

const objects = filesUnder("build/CMakeFiles").filter((file) => /\/simd\/target_\w+\.cc\.o$/.test(file));
if (objects.length === 0) complaints.push("no object files of native/simd/target_*.cc under build/");
for (const object of objects) {
  const isa = /target_(\w+)\.cc/.exec(basename(object))[1];
  for (const line of run("nm", "-C", "--defined-only", join(root, object)).split("\n")) {
    const [, kind, name] = /^\S*\s+(\w)\s+(.*)$/.exec(line) ?? [];
    if (kind === "W" && !name.includes(`treeline::simd::${isa}::`)) {
      complaints.push(`${basename(object)}: weak function ${name}: one copy would serve every instruction set`);
    }
  }
}

if (process.arch === "x64") {
  const strangers = new Set();
  let current = "";
  for (const line of run("objdump", "-d", "-C", "--no-show-raw-insn", addon).split("\n")) {
    if (/^[0-9a-f]+ </.test(line)) current = line.slice(line.indexOf("<") + 1, -2);
    else if (/%[yz]mm\d/.test(line) && !/treeline::simd::avx(2|512)::/.test(current)) strangers.add(current);
  }
  for (const name of strangers) complaints.push(`AVX registers outside the target regions: ${name}`);
}

const versions = run("objdump", "-T", addon).matchAll(/\(?GLIBC_(\d+)\.(\d+)/g);
const newest = Math.max(...[...versions].map(([, , minor]) => Number(minor)));
report("check-symbols", complaints, `${objects.length} instruction sets apart; needs glibc 2.${newest}`);
