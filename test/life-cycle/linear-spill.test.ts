// Linear models on rows beyond memoryLimit: the same bits, little memory, nothing left behind.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { killInTheMiddle, runOnFullDisk, runProgram } from "./run-program.js";

const PROGRAM = "fit-linear-spilled";
const ROWS = "160000"; // of 16 columns: 20 MB of float64
let directory = "";
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
});
test.after(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly digest: string;
  readonly before: number;
  readonly most: number;
}

test("ten times memoryLimit: the same bits as in memory, in little memory, and no file left", async () => {
  const outcome = async (limit: string): Promise<Outcome> => {
    const { code, stdout } = await runProgram(PROGRAM, [directory, limit, ROWS]);
    assert.is(code, 0);
    return JSON.parse(stdout.replace(/^fitting\n/, "")) as Outcome;
  };
  const [spilled, kept] = [await outcome("2MB"), await outcome("none")];
  assert.is(spilled.digest, kept.digest);
  const sanitized = process.env["LD_PRELOAD"]?.includes("san") === true; // a sanitizer keeps what was given back
  if (spilled.most > 0 && !sanitized) assert.ok(spilled.most - spilled.before < 2 + 150, JSON.stringify(spilled));
  assert.equal(readdirSync(directory), []);
});

test("kill -9 in the middle of such a fit leaves no file behind", async () => {
  assert.is(await killInTheMiddle(PROGRAM, [directory, "2MB", ROWS]), "SIGKILL");
  assert.equal(readdirSync(directory), []);
});

if (process.platform !== "win32") {
  test("a full disk is ERR_IO that names the directory, and leaves no file behind", async () => {
    const { code, stdout } = await runOnFullDisk(PROGRAM, [directory, "2MB", ROWS]);
    assert.is(code, 0);
    assert.match(stdout, /^ERR_IO /);
    assert.ok(stdout.includes(directory), stdout);
    assert.equal(readdirSync(directory), []);
  });
}

test.run();
