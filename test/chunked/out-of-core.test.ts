// Matrices larger than memoryLimit: the same bits, little memory, nothing left behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));

function start(program: string, args: readonly string[]): ReturnType<typeof spawn> {
  const path = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url));
  return spawn(process.execPath, [...process.execArgv, path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const child = start(program, args);
  let text = "";
  child.stdout?.on("data", (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.is(code, 0);
  return text;
}

interface Outcome {
  readonly digest: string;
  readonly before: number;
  readonly most: number;
}

test("ten times the memory limit: the same bits as in memory, and less than 150 MB beyond the limit", async () => {
  const [rows, limit] = [250_000, 3.2]; // 32 MB of float64 in 16 columns
  const spilled = JSON.parse(await output("out-of-core", [String(rows), `${limit}MB`, directory])) as Outcome;
  const kept = JSON.parse(await output("out-of-core", [String(rows), "none", directory])) as Outcome;
  assert.is(spilled.digest, kept.digest);
  if (spilled.most > 0) assert.ok(spilled.most - spilled.before < limit + 150, JSON.stringify(spilled));
  assert.equal(readdirSync(directory), []);
});

test("a killed process leaves nothing in the spill directory", async () => {
  const child = start("keep-forever", [directory]);
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  assert.is(text.toString().trim(), "kept");
  assert.equal(readdirSync(directory), []);
  child.kill("SIGKILL");
  await once(child, "close");
  assert.equal(readdirSync(directory), []);
});

test.run();
