import { test } from "uvu";
import * as assert from "uvu/assert";
import { simdInfo } from "../../src/index.js";
import { runProgram } from "./run-program.js";

interface Answer {
  readonly active: string;
  readonly supported: string[];
  readonly variance: string[];
}

async function under(isa: string): Promise<Answer> {
  const { code, stdout, stderr } = await runProgram("simd-info", [], { TREELINE_ISA: isa });
  assert.is(code, 0, stderr);
  return JSON.parse(stdout) as Answer;
}

test("TREELINE_ISA forces each instruction set, simdInfo() tells which runs, and all compute the same bits", async () => {
  const { supported } = simdInfo();
  assert.is(supported[0], "baseline");
  const answers = await Promise.all(supported.map(under));
  answers.forEach((answer, k) => {
    assert.is(answer.active, supported[k]);
    assert.equal(answer.variance, answers[0]?.variance);
  });
});

test("an instruction set this processor does not have is ignored", async () => {
  const { active, supported } = await under("quantum");
  assert.is(active, supported.at(-1));
});

test.run();
