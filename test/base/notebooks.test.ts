// What notebooks show of estimators and tables.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { clone, displayWith, JUPYTER_DISPLAY } from "../../src/base/index.js";
import { ChunkedMatrix } from "../../src/chunked/index.js";
import { ColumnTransformer } from "../../src/compose/index.js";
import { CsrMatrix, fromBatches, Matrix } from "../../src/data/index.js";
import { LogisticRegression } from "../../src/linear-model/index.js";
import { GridSearchCV } from "../../src/model-selection/index.js";
import { Pipeline } from "../../src/pipeline/index.js";
import { StandardScaler } from "../../src/preprocessing/index.js";
import { ESTIMATORS } from "../../src/registry.js";

test("a pipeline is drawn with its steps in order, those inside steps too, and says whether it is fitted", async () => {
  const columns = new ColumnTransformer({
    transformers: [
      ["scale", new StandardScaler(), [0]],
      ["keep", "passthrough", [1]],
    ],
  });
  const model = new Pipeline({
    steps: [
      ["columns", columns],
      ["model", new LogisticRegression({ C: 0.5 })],
    ],
  });
  const html = model.toHTML();
  const order = ["Pipeline", "ColumnTransformer", "StandardScaler", "passthrough", "LogisticRegression"];
  const places = order.map((name) => html.indexOf(`>${name}<`));
  assert.ok(
    places.every((place, k) => place > (places[k - 1] ?? 0)),
    places.join(" "),
  );
  assert.match(html, />not fitted</);
  assert.match(html, /<tr><td>C<\/td><td>0.5<\/td><\/tr>/);
  assert.match(html, /<tr class="default"><td>maxIter<\/td><td>100<\/td>/);
  await model.fit(
    [
      [1, 0],
      [2, 1],
      [3, 0],
      [4, 1],
    ],
    [0, 0, 1, 1],
  );
  assert.match(model.toHTML(), />fitted</);
});

test("texts in parameters cannot write HTML", () => {
  const search = new GridSearchCV({ estimator: new LogisticRegression(), paramGrid: { "<script>": ['"&'] } });
  const html = search.toHTML();
  assert.not.match(html, /<script/);
  assert.ok(html.includes("&lt;script&gt;"), html);
});

test("every estimator has an HTML picture, and so has its clone", () => {
  for (const [name, Estimator] of Object.entries(ESTIMATORS)) {
    const model = new Estimator();
    const bundle = model[JUPYTER_DISPLAY]();
    assert.ok(String(bundle["text/html"]).includes(name), name);
    assert.equal(clone(model)[JUPYTER_DISPLAY](), bundle, name);
  }
});

test("tables are shown by their first rows and their size", async () => {
  const wide = new Matrix(
    Float64Array.from({ length: 600 }, (_, i) => i / 3),
    [20, 30],
  );
  assert.match(wide.toHTML(), /0\.333333/);
  assert.match(wide.toHTML(), /20 × 30, Float64Array/);
  assert.match(new Matrix(new Float32Array(0), [0, 3]).toHTML(), /0 × 3, Float32Array/);
  const frame = await fromBatches([{ name: ["<b>", null], n: [1.5, 2] }]);
  const { "text/html": html, "text/plain": text } = await frame[JUPYTER_DISPLAY]();
  assert.match(String(html), /&lt;b&gt;.*1\.5.*<i>null<\/i>.*2 rows × 2 columns/s);
  assert.match(String(text), /^Frame, 2 rows × 2 columns/);
  const sparse = new CsrMatrix(Float64Array.of(7), Int32Array.of(1), Int32Array.of(0, 1, 1), [2, 2]);
  assert.match(String(sparse[JUPYTER_DISPLAY]()["text/html"]), />7<.*2 × 2 \(1 entries, 25 %\)/s);
  const chunked = (await ChunkedMatrix.from(wide))[JUPYTER_DISPLAY]();
  assert.match(String(chunked["text/html"]), /<svg/);
});

test("displayWith gives a kernel the richest of what it can show", async () => {
  const shown: [string, string][] = [];
  const show = displayWith({ raw: (type, content) => shown.push([type, content]) });
  const plot = {
    [JUPYTER_DISPLAY]: () => Promise.resolve({ "application/json": {}, "image/svg+xml": "<svg/>", "text/plain": "p" }),
  };
  await show(new Matrix(Float64Array.of(1), [1, 1]), plot, "words", { a: 1 }, undefined);
  assert.equal(
    shown.map(([type]) => type),
    ["text/html", "image/svg+xml", "text/plain", "text/plain", "text/plain"],
  );
  assert.equal(
    shown.slice(1).map(([, content]) => content),
    ["<svg/>", "words", "{ a: 1 }", "undefined"],
  );
  assert.throws(() => displayWith(undefined as never), /displayWith: expected the display of a notebook's kernel/);
});

test.run();
