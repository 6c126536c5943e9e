import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { clone, TreelineError } from "../../src/index.js";
import { show } from "../../src/base/errors.js";
import { ALL, errorOf, problemFor, TABULAR, type Subject } from "./estimators.js";
import { ESTIMATORS } from "../../src/registry.js";

for (const [className, type] of Object.entries(ESTIMATORS)) {
  test(`${className}: is made with no parameters; each default is what its rule accepts, stored as it is`, () => {
    const estimator = new type() as Subject;
    assert.is(estimator.className, className);
    assert.not.ok(estimator.isFitted);
    const params = estimator.getParams({ deep: false }) as Record<string, unknown>;
    assert.equal(Object.keys(params).sort(), Object.keys(estimator.paramSpecs as object).sort());
    for (const [name, spec] of Object.entries(estimator.paramSpecs as Record<string, { default: unknown }>)) {
      assert.ok(Object.is(params[name], spec.default), name);
    }
  });
}

for (const { name, className, make, specs } of ALL) {
  test(`${name}: clone gives an unfitted estimator with equal parameters, estimators among them cloned`, () => {
    const estimator = make();
    const copy = clone(estimator);
    assert.is.not(copy, estimator);
    assert.is(copy.constructor, estimator.constructor);
    assert.not.ok(copy.isFitted);
    assert.is(inspect(copy, { depth: 9 }), inspect(estimator, { depth: 9 }));
    assert.equal(copy.toJSON(), estimator.toJSON());
  });

  test(`${name}: the constructor and setParams take any value unchanged, getParams gives it back`, () => {
    const odd = Object.fromEntries(Object.entries(specs).map(([param, spec]) => [param, spec.invalid]));
    assert.equal(make(odd).getParams({ deep: false }), odd);
    const estimator = make();
    estimator.setParams(odd as never);
    assert.equal(estimator.getParams({ deep: false }), odd);
  });

  test(`${name}: unknown parameters are refused by constructor and setParams, and nothing changes`, async () => {
    for (const call of [() => make({ noSuchThing: 1 }), () => make().setParams({ noSuchThing: 1 } as never)]) {
      const error = await errorOf(call);
      assert.instance(error, TreelineError);
      assert.is(error.code, "ERR_INVALID_ARGUMENT");
      assert.match(error.message, new RegExp(`^${className}: unknown parameter "noSuchThing"; `));
    }
    const estimator = make();
    const before = estimator.getParams() as Record<string, unknown>;
    const [first] = Object.keys(specs);
    if (first !== undefined) await errorOf(() => estimator.setParams({ [first]: "changed", noSuchThing: 1 } as never));
    else await errorOf(() => estimator.setParams({ noSuchThing: 1 } as never));
    assert.equal(estimator.getParams(), before);
  });

  test(`${name}: shallow parameters are among the deep ones; a copy each time`, () => {
    const estimator = make();
    const deep = estimator.getParams() as Record<string, unknown>;
    for (const [param, value] of Object.entries(estimator.getParams({ deep: false }) as object))
      assert.ok(Object.is(deep[param], value), param);
    assert.is.not(estimator.getParams(), estimator.getParams());
  });

  test(`${name}: setParams with undefined keeps a value, and returns the estimator`, () => {
    const estimator = make();
    const before = estimator.getParams() as Record<string, unknown>;
    const nothing = Object.fromEntries(Object.keys(specs).map((param) => [param, undefined]));
    assert.is(estimator.setParams(nothing as never), estimator);
    assert.equal(estimator.getParams(), before);
  });

  test(`${name}: prints as its class and the parameters that are not defaults`, () => {
    assert.match(inspect(make()), new RegExp(`^${className}\\(`));
    assert.is(String(make()), inspect(make()));
    const [first] = Object.keys(specs);
    if (first !== undefined) assert.match(inspect(make({ [first]: "odd" })), new RegExp(`${first}: 'odd'`));
  });

  test(`${name}: tags are of their types`, () => {
    const { tags } = make();
    assert.ok(
      ["classifier", "clusterer", "outlierDetector", "ranker", "regressor", "search", "transformer"].includes(
        tags.kind,
      ),
    );
    for (const key of ["allowNaN", "requiresY", "sampleWeight"] as const) assert.type(tags[key], "boolean");
  });
}

for (const entry of TABULAR) {
  const { name, className, make, specs } = entry;
  for (const [param, spec] of Object.entries(specs)) {
    test(`${name}: fit refuses ${param} = ${show(spec.invalid)} by name`, async () => {
      const { X, y } = problemFor(entry, 12);
      const estimator = make({ [param]: spec.invalid });
      const error = await errorOf(() => estimator.fit(X, y));
      assert.is(error.message, `${className}: ${param} must be ${spec.expected}, got ${show(spec.invalid)}`);
      assert.is(error.code, "ERR_INVALID_ARGUMENT");
      assert.not.ok(estimator.isFitted);
    });
  }

  test(`${name}: fit returns the estimator, leaves its parameters alone, and isFitted tells`, async () => {
    const { X, y } = problemFor(entry);
    const estimator = make();
    const before = inspect(estimator.getParams(), { depth: 9 });
    assert.is(await estimator.fit(X, y), estimator);
    assert.is(inspect(estimator.getParams(), { depth: 9 }), before);
    assert.ok(estimator.isFitted);
  });
}

test.run();
