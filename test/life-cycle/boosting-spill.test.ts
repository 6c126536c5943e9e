import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { killInTheMiddle, runOnFullDisk, runProgram } from "./run-program.js";

const BINS = 2 * 49_152 * 40; // two bytes a cell of three full chunks; the last rows stay in memory
let directory = "";
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
});
test.after(() => rmSync(directory, { recursive: true }));

test("a fit beyond memoryLimit leaves no file behind", async () => {
  const { code, stdout } = await runProgram("fit-spilled", [directory, "3"]);
  assert.is(code, 0);
  assert.match(stdout, /^fitting\nspilled \d+\n$/);
  assert.ok(Number(/\d+/.exec(stdout)?.[0]) >= BINS, stdout);
  assert.equal(readdirSync(directory), []);
});

test("kill -9 in the middle of such a fit leaves no file behind", async () => {
  assert.is(await killInTheMiddle("fit-spilled", [directory, "1000000"]), "SIGKILL");
  assert.equal(readdirSync(directory), []);
});

if (process.platform !== "win32") {
  test("a full disk is ERR_IO that names the directory, and leaves no file behind", async () => {
    const { code, stdout } = await runOnFullDisk("fit-spilled", [directory, "3"]);
    assert.is(code, 0);
    assert.match(stdout, /^ERR_IO /);
    assert.ok(stdout.includes(directory), stdout);
    assert.equal(readdirSync(directory), []);
  });
}

test.run();
