import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { spawn } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { creditCardFraudBatches, fromBatches } from "../../src/index.js";

// The blocks of docs/tutorial.md are one program: it runs on simulated transactions, of which more are frauds than in life.

test("the tutorial runs, block after block", async () => {
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const all = await fromBatches(creditCardFraudBatches({ nSamples: 100_000, randomState: 0 }));
    const numbered = await all.sql("SELECT *, row_number() OVER () AS place FROM self");
    const some = await numbered.filter("Class = 1 OR place % 8 = 0");
    await some.drop("place").writeParquet(join(folder, "transactions.parquet"));
    const page = await readFile("docs/tutorial.md", "utf8");
    const blocks = [...page.matchAll(/^```ts\n([^]*?)^```/gm)].map((block) => block[1] as string);
    assert.ok(blocks.length >= 6);
    const program = blocks.join("\n").replace('from "treeline"', `from ${JSON.stringify(resolve("src/index.ts"))}`);
    await writeFile(join(folder, "frauds.mts"), program);
    const { code, output } = await run([join(folder, "frauds.mts")], folder);
    assert.is(code, 0, output);
    const scores = [...output.matchAll(/average precision (\S+)/g)].map((match) => Number(match[1]));
    assert.is(scores.length, 4, output);
    assert.ok(Math.max(...scores) > 0.7, output);
    assert.match(output, /best: \{ model__C: \S+, model__classWeight: .* \} 0\.\d/);
    assert.match(output, /\n8 candidates\n/);
    assert.match(output, /\n25\d\d rows answered\n/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function run(args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), ...args], { cwd });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  return new Promise((ended) => child.on("close", (code) => ended({ code, output })));
}

test.run();
