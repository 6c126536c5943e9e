import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram, startWorker, firstMessage } from "./run-program.js";

test("process.exit in the middle of several fits ends the process with its code", async () => {
  for (let round = 0; round < 3; round++) {
    const { code, signal, stderr } = await runProgram("fit-forever", ["exit"]);
    assert.equal({ code, signal, stderr }, { code: 7, signal: null, stderr: "" });
  }
});

test("an uncaught exception in the middle of several fits ends the process as always", async () => {
  for (const [how, message] of [
    ["uncaught", "nobody catches this"],
    ["rejection", "nobody handles this"],
  ] as const) {
    const { code, signal, stderr } = await runProgram("fit-forever", [how]);
    assert.equal({ code, signal }, { code: 1, signal: null });
    assert.match(stderr, message);
  }
});

test("a running fit keeps the process alive, a finished one does not", async () => {
  const { code, signal, stdout } = await runProgram("fit-once");
  assert.equal({ code, signal, stdout }, { code: 0, signal: null, stdout: "mean 4\n" });
});

test("memory does not grow with the number of fits", async () => {
  const { code, stdout } = await runProgram("fit-many"); // every fit makes 5 MB: input, staged copy, result
  assert.is(code, 0);
  assert.ok(Number(stdout) < 80, `${stdout} MB more after 80 further fits`);
});

test("worker_threads fit at the same time, each its own model", async () => {
  const seeds = [1, 2, 3];
  const means = await Promise.all(seeds.map((seed) => firstMessage(startWorker("fit-in-worker", seed))));
  seeds.forEach((seed, k) => {
    const expected = [0, 0, 0];
    for (let i = 0; i < 90_000; i++) expected[i % 3]! += ((i * seed) % 1013) / 30_000;
    (means[k] as number[]).forEach((mean, j) => assert.ok(Math.abs(mean - expected[j]!) < 1e-6));
  });
});

test("worker.terminate() in the middle of several fits, twenty times, harms nobody", async () => {
  for (let round = 0; round < 20; round += 4) {
    await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const worker = startWorker("fit-forever");
        assert.equal(await firstMessage(worker), "fitting");
        assert.equal(await worker.terminate(), 1);
      }),
    );
  }
  const { code } = await runProgram("fit-once"); // the addon is still well in other environments too
  assert.equal(code, 0);
});

test.run();
