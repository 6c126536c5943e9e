import { existsSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "./run-program.js";

// The table has 28.8 MB; a fit's own blocks are as large. Sanitizers keep what was freed, to see who still uses it.
const LIMIT_MB = /san/.test(process.env["LD_PRELOAD"] ?? "") ? Infinity : 25;

if (existsSync("/proc/self/status")) {
  test("what fits have freed goes back to the system", async () => {
    const { code, stdout } = await runProgram("fit-trees", []);
    assert.is(code, 0, stdout);
    assert.ok(Number(stdout) < LIMIT_MB, `${stdout} MB left behind`);
  });
}

test.run();
