import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../../docs/benchmarks.md", import.meta.url);

/**
 * Puts lines into docs/benchmarks.md, in place of those that stand between `<!-- bench:NAME -->` and the next such mark (or
 * the end); a name that has no mark yet gets one at the end.
 */
export function writeSection(name: string, lines: readonly string[]): void {
  const mark = `<!-- bench:${name} -->`;
  const text = readFileSync(FILE, "utf8");
  const at = text.indexOf(mark);
  const before = at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at);
  const next = at < 0 ? -1 : text.indexOf("<!-- bench:", at + mark.length);
  const after = next < 0 ? "" : `\n${text.slice(next)}`;
  writeFileSync(FILE, `${before}${mark}\n\n${lines.join("\n").trim()}\n${after}`);
  console.log("written to docs/benchmarks.md");
}
