#!/usr/bin/env node
// What `npm pack` and `npm publish` put into the tarball (npm calls it as prepack and postpack).
//   prepare: compiles src/ into dist/, puts this platform's binary into prebuilds/ (others that are there stay: a release
//            collects them from each platform), and replaces package.json by the one to publish: no scripts and no
//            development dependencies, so that nothing runs on the user's machine.
//   restore: brings the repository's package.json back. `prepare` does so first, should an earlier run have been killed.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { platformTag } from "./lib/platform.mjs";
import { root, stop } from "./lib/tree.mjs";

const manifest = join(root, "package.json");
const original = join(root, ".package.json.original");
const binary = join(root, "build/Release/treeline.node");

function restore() {
  if (existsSync(original)) renameSync(original, manifest);
}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) stop(`pack: ${command} ${args.join(" ")} failed`);
}

function prepare() {
  restore();
  run(process.execPath, "tools/build-native.mjs", "--force");
  run(process.execPath, "tools/build-ts.mjs");
  const prebuilt = join(root, "prebuilds", `${platformTag()}.node`);
  mkdirSync(join(root, "prebuilds"), { recursive: true });
  copyFileSync(binary, prebuilt);
  if (process.platform !== "win32") run("strip", ...(process.platform === "darwin" ? ["-x"] : []), prebuilt);
  const published = publishedManifest(JSON.parse(readFileSync(manifest, "utf8")));
  copyFileSync(manifest, original);
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
}

function publishedManifest({ scripts: _scripts, devDependencies: _dev, binary: _binary, gypfile: _gyp, ...published }) {
  for (const [path, target] of Object.entries(published.exports)) {
    const files = typeof target === "string" ? [target] : Object.values(target);
    const missing = files.find((file) => !existsSync(join(root, file)));
    if (missing !== undefined) stop(`pack: package.json exports ${path}, but there is no ${missing}`);
  }
  return published;
}

switch (process.argv[2]) {
  case "prepare":
    prepare();
    break;
  case "restore":
    restore();
    break;
  default:
    stop("usage: node tools/pack.mjs prepare|restore");
}
