import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { simdInfo } from "../../src/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = `
  import { LogisticRegression, loadIris, loadBreastCancer } from "./src/index.ts";
  const bits = (values) => Buffer.from(new Float64Array(values).buffer).toString("hex");
  for (const load of [loadIris, loadBreastCancer]) {
    for (const solver of ["lbfgs", "newton-cholesky"]) {
      const { data, target } = await load();
      const model = await new LogisticRegression({ solver, tol: 1e-8 }).fit(data, target);
      console.log(bits(model.coef_.data), bits(model.intercept_), bits((await model.predictProba(data)).data));
    }
  }
`;

test("every instruction set of this machine fits and predicts the same bits", async () => {
  const outputs = await Promise.all(
    simdInfo().supported.map(async (isa) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "--input-type=module", "-e", program],
        { cwd: root, env: { ...process.env, TREELINE_ISA: isa }, maxBuffer: 1 << 24 },
      );
      return stdout;
    }),
  );
  assert.ok(outputs.every((output) => output.length > 10_000 && output === outputs[0]));
});

test.run();
