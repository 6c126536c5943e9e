import { existsSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "./run-program.js";

// The table has 28.8 MB; a fit's own blocks are as large.

if (existsSync("/proc/self/status")) {
  test("what fits have freed goes back to the system", async () => {
    const { code, stdout } = await runProgram("fit-trees", []);
    assert.is(code, 0, stdout);
    assert.ok(Number(stdout) < 25, `${stdout} MB left behind`);
  });
}

test.run();
