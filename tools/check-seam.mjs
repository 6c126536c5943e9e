#!/usr/bin/env node
// The seam has one description (the interfaces …Addon in src/native/addon*.ts) and one implementation (native/binding/):
// both must name the same functions, and so must the addon that was built from them, if there is one.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { filesUnder, report, root } from "./lib/tree.mjs";

const seam = "src/native/addon*.ts";
const described = new Set();
for (const file of filesUnder("src/native").filter((path) => /^src\/native\/addon[a-z-]*\.ts$/.test(path))) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022, false);
  source.forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node) || !/Addon$/.test(node.name.text)) return;
    for (const member of node.members) described.add(member.name.text);
  });
}

const exported = new Map();
for (const file of filesUnder("native/binding").filter((path) => path.endsWith(".cc"))) {
  const text = readFileSync(join(root, file), "utf8");
  for (const [, name] of text.matchAll(/\bexports\.Set\(\s*"(\w+)"/g)) {
    exported.set(name, [...(exported.get(name) ?? []), file]);
  }
}

const complaints = [];
for (const name of described)
  if (!exported.has(name)) complaints.push(`${seam}: ${name} is not exported by native/binding/`);
for (const [name, files] of exported) {
  if (!described.has(name)) complaints.push(`${files[0]}: ${name} is in no interface …Addon of ${seam}`);
  if (files.length > 1) complaints.push(`${name} is exported ${files.length} times: ${files.join(", ")}`);
}

const binary = process.env.TREELINE_ADDON ?? join(root, "build/Release/treeline.node");
if (existsSync(binary)) {
  const built = Object.keys(createRequire(import.meta.url)(binary));
  for (const name of exported.keys())
    if (!built.includes(name)) complaints.push(`the built addon has no ${name}: build it again`);
  for (const name of built) if (!exported.has(name)) complaints.push(`the built addon has ${name}, its sources do not`);
}

report("check-seam", complaints, `${described.size} functions on both sides`);
