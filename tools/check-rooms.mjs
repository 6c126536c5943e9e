#!/usr/bin/env node
// Who may use whom (docs/architecture.md): imports of src/ and includes of native/ go one way, there are no cycles, and
// things that belong in one place are in that place only.
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { filesUnder, report, root } from "./lib/tree.mjs";

const complaints = [];
const read = (file) => readFileSync(join(root, file), "utf8");

// ---- native/: a room includes itself and rooms of a lower floor.
const FLOORS = [["core"], ["simd"], ["matrix"], ["loss"], ["bins"], "algorithms", ["binding"]];
const ALGORITHMS = 5;
const nativeFiles = filesUnder("native").filter((file) => /\.(cc|h)$/.test(file));

function floorOf(room) {
  const floor = FLOORS.findIndex((rooms) => Array.isArray(rooms) && rooms.includes(room));
  return floor >= 0 ? floor : ALGORITHMS;
}

for (const file of nativeFiles) {
  const room = file.split("/")[1];
  for (const [, path] of read(file).matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
    const other = path.split("/")[0];
    if (!nativeFiles.includes(`native/${path}`)) {
      complaints.push(`${file}: includes "${path}"; write the path from native/ on`);
    } else if (other !== room && floorOf(other) >= floorOf(room)) {
      complaints.push(`${file}: ${room}/ must not include ${other}/ ("${path}")`);
    }
  }
}

// ---- src/: the command line → the registry and index.ts → modules → data → native → base; modules may use each other, never
// in a circle. The command line is a user of the library: it sees index.ts, and base for the words of messages.
const sourceFiles = filesUnder("src").filter((file) => file.endsWith(".ts"));
const FOUNDATIONS = { base: [], native: ["base"], data: ["base", "native"] };
// native/job.ts and load.ts throw TreelineError; they need no more of base than that.
const NATIVE_USES = new Set(["src/base/errors.ts"]);
// Loaded when they are first needed (import()), so that importing the package stays fast.
const LAZY = /^(apache-arrow|@duckdb\/.*|cli-progress|commander|vega|vega-lite)$/;

/** { target, typeOnly } of every import and re-export of a file. */
function importsOf(file) {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, false);
  const found = [];
  const isTypeOnly = (node) => {
    if (ts.isExportDeclaration(node)) return node.isTypeOnly;
    const clause = node.importClause;
    if (clause === undefined) return false;
    const named = clause.namedBindings;
    return (
      clause.isTypeOnly ||
      (clause.name === undefined &&
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.length > 0 &&
        named.elements.every((element) => element.isTypeOnly))
    );
  };
  for (const node of source.statements) {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push({ target: node.moduleSpecifier.text, typeOnly: isTypeOnly(node) });
    }
  }
  for (const [, target] of read(file).matchAll(/\bimport\(\s*"(\.[^"]+)"\s*\)/g))
    found.push({ target, typeOnly: false });
  return found;
}

const graph = new Map();
const rooms = new Map();
for (const file of sourceFiles) {
  const room = roomOf(file);
  const edges = new Set();
  for (const { target, typeOnly } of importsOf(file)) {
    if (!target.startsWith(".")) {
      if (!typeOnly && LAZY.test(target)) complaints.push(`${file}: import ${target} with import() where it is needed`);
      if (room === "base" && !typeOnly && !target.startsWith("node:"))
        complaints.push(`${file}: base/ must not import ${target}`);
      continue;
    }
    const other = normalize(join(dirname(file), target)).replace(/\.js$/, ".ts");
    if (!sourceFiles.includes(other)) {
      if (!target.endsWith(".json")) complaints.push(`${file}: imports ${target}, which is not in src/`);
      continue;
    }
    if (!mayImport(file, room, other)) complaints.push(`${file}: ${room}/ must not import ${other}`);
    if (!typeOnly) edges.add(other);
    const otherRoom = roomOf(other);
    if (otherRoom !== room && room !== "") rooms.set(room, (rooms.get(room) ?? new Set()).add(otherRoom));
  }
  graph.set(file, edges);
}

function roomOf(file) {
  const parts = file.split("/");
  return parts.length > 2 ? parts[1] : "";
}

function mayImport(file, room, other) {
  const otherRoom = roomOf(other);
  if (room === otherRoom) return true;
  if (room === "cli") return other === "src/index.ts" || otherRoom === "base";
  if (otherRoom === "cli") return false;
  if (room === "") return true;
  if (otherRoom === "") return false; // index.ts and registry.ts are for the outside
  if (room === "native") return NATIVE_USES.has(other);
  return room in FOUNDATIONS ? FOUNDATIONS[room].includes(otherRoom) : true;
}

/** Circles of a graph, each as a path that comes back to where it began. */
function circles(edges) {
  const state = new Map();
  const path = [];
  const found = [];
  const visit = (node) => {
    state.set(node, "open");
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      if (state.get(next) === "open") found.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    path.pop();
    state.set(node, "done");
  };
  for (const node of edges.keys()) if (!state.has(node)) visit(node);
  return found;
}

for (const circle of circles(graph)) complaints.push(`import circle: ${circle.join(" → ")}`);
for (const circle of circles(rooms)) complaints.push(`rooms in a circle: ${circle.join(" → ")}`);

// ---- Every module is a public import path, and every public path a module.
const paths = Object.keys(JSON.parse(read("package.json")).exports).filter((path) => /^\.\/[\w-]+$/.test(path));
const modules = sourceFiles.filter((file) => /^src\/[^/]+\/index\.ts$/.test(file)).map((file) => `./${roomOf(file)}`);
for (const path of modules)
  if (!paths.includes(path)) complaints.push(`package.json: ${path} is not among the exports`);
for (const path of paths)
  if (!modules.includes(path)) complaints.push(`package.json: exports ${path}, which is no module`);

// ---- Only-rules: what a pattern stands for has one home.
const ONLY = [
  [nativeFiles, /#\s*include\s+<(napi|node_api|js_native_api)\.h>/, /^native\/binding\//, "Node-API"],
  [
    nativeFiles,
    /TREELINE_(BEGIN|END)_TARGET|GCC target|target_clones|__attribute__\(\(target|<\w*(mm|arm_neon)\w*\.h>|\b_mm\d*_|__builtin_cpu_/,
    /^native\/simd\//,
    "target regions, intrinsics and processor checks",
  ],
  [
    nativeFiles,
    /#\s*include\s+<(thread|future|pthread\.h|stop_token)>|std::(jthread|async)\b/,
    /^native\/core\/thread_pool\./,
    "threads",
  ],
  [
    nativeFiles,
    /#\s*include\s+<(fstream|filesystem|fcntl\.h|sys\/mman\.h)>|\bfopen\(|\bmmap\(/,
    /^native\/matrix\/(spill_file|large_pages)\./, // the latter advises the system on its pages
    "files",
  ],
  [nativeFiles, /\b(printf|fprintf|abort|exit)\(|std::c(out|err)\b/, /^$/, "printing and ending the process"],
  [sourceFiles, /\.node["'`]|\bdlopen\b/, /^src\/native\/load\.ts$/, "loading the addon"],
];
for (const [files, pattern, home, what] of ONLY) {
  for (const file of files) {
    if (home.test(file)) continue;
    for (const [index, line] of read(file).split("\n").entries()) {
      const code = line.replace(/\/\/.*/, "").replace(/^\s*\*.*/, "");
      if (pattern.test(code)) complaints.push(`${file}:${index + 1}: ${what} do not belong here: ${line.trim()}`);
    }
  }
}

// ---- The build: instruction sets come from target regions, and arithmetic is the language's.
const cmake = read("CMakeLists.txt").replace(/#.*/g, "");
for (const flag of cmake.matchAll(/-(march|mtune|mavx\w*|mfma|msse\w*|ffast-math|Ofast)\b/g)) {
  complaints.push(`CMakeLists.txt: no ${flag[0]} (docs/decisions: target regions)`);
}

report(
  "check-rooms",
  complaints,
  `${nativeFiles.length} native and ${sourceFiles.length} TypeScript files keep to their rooms`,
);
