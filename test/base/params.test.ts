import { test } from "uvu";
import * as assert from "uvu/assert";
import * as params from "../../src/base/params.js";
import { classWeightSpec } from "../../src/data/class-weight.js";

type Spec = params.ParamSpec<never>;
const spec = (s: unknown): Spec => s as Spec;

const TABLE: [string, Spec, unknown[], unknown[]][] = [
  ["a number", spec(params.number(1)), [0, -1.5, 1e300], [NaN, Infinity, "1", null, 1n]],
  ["a positive number", spec(params.number(1, { min: 0, exclusiveMin: true })), [1e-300, 5], [0, -1, Infinity]],
  ["a non-negative number", spec(params.number(1, { min: 0 })), [0, 2.5], [-1e-9]],
  ["a number >= 0 and < 1", spec(params.number(0.1, { min: 0, max: 1, exclusiveMax: true })), [0, 0.999], [1, -0.1]],
  [
    "a positive number",
    spec(params.number(1, { min: 0, exclusiveMin: true, infinite: true })),
    [Infinity],
    [-Infinity, NaN],
  ],
  ["an integer", spec(params.integer(1)), [-3, 0, 1e15], [0.5, "1", NaN, Infinity]],
  ["a positive integer", spec(params.integer(1, { min: 0, exclusiveMin: true })), [1], [0]],
  ["an integer >= 2 and <= 255", spec(params.integer(255, { min: 2, max: 255 })), [2, 255], [1, 256, 2.5]],
  ["true or false", spec(params.boolean(true)), [true, false], [0, 1, "true", null]],
  ['one of "a", "b"', spec(params.choice("a", ["a", "b"])), ["a", "b"], ["c", 1, null]],
  ["an integer, or null", spec(params.nullable(params.integer(1))), [null, 4], [undefined, 0.5]],
  [
    'an integer, or one of "auto"',
    spec(params.either(params.integer(1), params.choice("auto", ["auto"]))),
    [1, "auto"],
    ["x", 0.5],
  ],
  ["a non-zero integer (-1: all cores), or null", spec(params.nJobs()), [null, 1, -1, -5], [0, 0.5, "1"]],
  ["a non-negative integer, or null", spec(params.randomState()), [null, 0, 2 ** 52], [-1, 0.5, 2 ** 60]],
  [
    '"balanced", a Map or object of label → non-negative weight, or null',
    spec(classWeightSpec()),
    [null, "balanced", { a: 1, b: 0 }, new Map([[true, 2]]), {}],
    ["balance", { a: -1 }, new Map([[1, NaN]]), [1, 2], 5, { a: "1" }],
  ],
];
for (const [expected, rule, good, bad] of TABLE) {
  test(`a parameter that is ${expected} takes ${good.length} and refuses ${bad.length} examples, and its own`, () => {
    assert.is(rule.expected, expected);
    assert.ok(rule.accepts(rule.default), "default");
    for (const value of good) assert.ok(rule.accepts(value), String(value));
    for (const value of [...bad, rule.invalid]) assert.not.ok(rule.accepts(value), String(value));
  });
}

const SPECS: params.ParamSpecs<{ maxIter: number; learningRate: number }> = {
  maxIter: params.integer(100, { min: 1 }),
  learningRate: params.number(0.1, { min: 0, exclusiveMin: true }),
};

test("defaults fill in what is left out or undefined", () => {
  assert.equal(params.withDefaults("Model", SPECS, { maxIter: 5, learningRate: undefined as never }), {
    maxIter: 5,
    learningRate: 0.1,
  });
});

const UNKNOWN: [string, string][] = [
  ["max_iter", 'Model: unknown parameter "max_iter"; it is spelt maxIter here'],
  ["maxiter", 'Model: unknown parameter "maxiter"; did you mean maxIter?'],
  ["learnRate", 'Model: unknown parameter "learnRate"; did you mean learningRate?'],
  ["zzz", 'Model: unknown parameter "zzz"; there are maxIter, learningRate'],
  ["toString", 'Model: unknown parameter "toString"; there are maxIter, learningRate'],
  ["__proto__x", 'Model: unknown parameter "__proto__x"; there are maxIter, learningRate'],
];
for (const [name, message] of UNKNOWN) {
  test(`an unknown ${name} is refused with the nearest name`, () => {
    try {
      params.withDefaults("Model", SPECS, { [name]: 1 });
    } catch (error) {
      assert.is((error as Error).message, message);
      return;
    }
    assert.unreachable();
  });
}

test("an estimator without parameters says so", () => {
  assert.throws(() => params.refuseUnknown("Model", "a", []), 'Model: unknown parameter "a"; it takes none');
});

test("parameters that are no object are refused", () => {
  for (const given of [null, 5, [1], "x"]) {
    assert.throws(
      () => params.withDefaults("Model", SPECS, given as never),
      "Model: parameters must be an object such as { maxIter: … }",
    );
  }
});

test("the first value that breaks its rule is named, with what came", () => {
  const check = (given: object) => () => params.checkParams("Model", SPECS, { maxIter: 1, learningRate: 1, ...given });
  check({})();
  assert.throws(check({ maxIter: 0 }), "Model: maxIter must be an integer >= 1, got 0");
  assert.throws(check({ learningRate: "fast" }), 'Model: learningRate must be a positive number, got "fast"');
  assert.throws(check({ maxIter: 2n }), "Model: maxIter must be an integer >= 1, got 2n");
  assert.throws(check({ maxIter: [1, 2] }), "Model: maxIter must be an integer >= 1, got Array(2)");
});

test.run();
