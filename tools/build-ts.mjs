#!/usr/bin/env node
// Compiles src/ to dist/: declarations by tsc, JavaScript by esbuild. A hundred small modules take Node 65 ms to load; the
// same code in one chunk and an entry a module takes a fraction of it. Everything from node_modules stays outside.
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root, stop } from "./lib/tree.mjs";

const src = join(root, "src");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (tsc.status !== 0) stop("build: tsc found errors");

const modules = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const entries = ["index.ts", ...modules.map(({ name }) => `${name}/index.ts`)]
  .map((file) => join(src, file))
  .filter((file) => readdirSync(join(file, "..")).includes("index.ts"));
const program = "cli/main"; // the command line: a program, no module
await build({
  entryPoints: [...entries, join(src, `${program}.ts`)],
  outdir: dist,
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]", // as deep as the modules: paths relative to import.meta.url hold in both
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20.19",
  logLevel: "warning",
});
chmodSync(join(dist, `${program}.js`), 0o755);
