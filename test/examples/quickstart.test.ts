import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runExample } from "./run-example.js";

test("the quickstart prints good scores and serves the saved model", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const { code, stdout, stderr } = await runExample("quickstart.ts", [], { cwd });
    assert.is(code, 0, stderr);
    const aucs = [...stdout.matchAll(/ROC-AUC (\S+),/g)].map((match) => Number(match[1]));
    assert.is(aucs.length, 2);
    assert.ok(
      aucs.every((auc) => auc > 0.97),
      stdout,
    );
    assert.match(stdout, /the first five: Float64Array\(5\) \[ [01], [01], [01], [01], [01] \]/);
  } finally {
    await rm(cwd, { recursive: true });
  }
});

test("the README's first example is the quickstart", async () => {
  const readme = await readFile("README.md", "utf8");
  const code = await readFile("examples/quickstart.ts", "utf8");
  assert.is(/```ts\n([^]*?)```/.exec(readme)?.[1], code.replace(/^\/\/.*\n/, ""));
});

test.run();
