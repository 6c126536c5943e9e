#!/usr/bin/env node
// Runs a notebook under tslab and prints what its cells write; with --write the notebook keeps it.
// `node tools/run-notebook.mjs NOTEBOOK FOLDER [--write]`: FOLDER is a project that has installed treeline and tslab.
import { readFileSync, writeFileSync } from "node:fs";
import { codeCells, runCells, sourceOf } from "./lib/notebook.mjs";

const [path, folder] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (folder === undefined) {
  console.error("usage: node tools/run-notebook.mjs NOTEBOOK FOLDER [--write]");
  process.exit(2);
}
const notebook = JSON.parse(readFileSync(path, "utf8"));
const cells = codeCells(notebook);
const outputs = await runCells(cells.map(sourceOf), folder);
for (const [k, cell] of cells.entries()) {
  for (const { output_type: kind, text, data } of outputs[k]) {
    console.log(
      `[${k + 1}] ${kind}: ${text ?? Object.entries(data).map(([type, content]) => `${type}, ${content.length} characters`)}`,
    );
  }
  Object.assign(cell, { execution_count: k + 1, outputs: outputs[k].map(inLines) });
}
if (process.argv.includes("--write")) writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);

/** Long texts as lists of lines, as notebook files hold them. */
function inLines(output) {
  const lines = (text) => text.split(/(?<=\n)/);
  if (output.text !== undefined) return { ...output, text: lines(output.text) };
  return {
    ...output,
    data: Object.fromEntries(Object.entries(output.data).map(([type, text]) => [type, lines(text)])),
  };
}
