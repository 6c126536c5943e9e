import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "./run-program.js";

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
  const program = fileURLToPath(new URL("./programs/fit-spilled.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program, directory, "1000000"]);
  const killed = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  child.kill("SIGKILL");
  assert.is(await killed, "SIGKILL");
  assert.equal(readdirSync(directory), []);
});

if (process.platform !== "win32") {
  test("a full disk is ERR_IO that names the directory, and leaves no file behind", async () => {
    const program = fileURLToPath(new URL("./programs/fit-spilled.ts", import.meta.url));
    // Files may have a megabyte; the signal that comes with more is ignored, so that the write fails as on a full disk.
    const limited = 'trap "" XFSZ; ulimit -f 2048; exec "$@"';
    const child = spawn("/bin/sh", [
      "-c",
      limited,
      "sh",
      process.execPath,
      ...process.execArgv,
      program,
      directory,
      "3",
    ]);
    let stdout = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.is(code, 0);
    assert.match(stdout, /^ERR_IO /);
    assert.ok(stdout.includes(directory), stdout);
    assert.equal(readdirSync(directory), []);
  });
}

test.run();
