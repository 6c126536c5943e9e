import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  DummyClassifier,
  fromBuffer,
  fromJSON,
  load,
  LogisticRegression,
  makePipeline,
  StandardScaler,
  TreelineError,
} from "../../src/index.js";

const test = suite<{ folder: string }>("persistence");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
});
test.after.each(async ({ folder }) => rm(folder, { recursive: true, force: true }));

const X = [
  [1, 2],
  [3, 5],
  [4, -1],
];
const fitted = async (): Promise<StandardScaler> => new StandardScaler().fit(X);

async function errorOf(call: () => unknown): Promise<TreelineError> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, TreelineError, String(error));
    return error as TreelineError;
  }
  throw new Error("nothing was thrown");
}

/** The bytes with a new, right checksum. */
function resealed(bytes: Uint8Array): Uint8Array {
  const out = Buffer.from(bytes);
  createHash("sha256")
    .update(out.subarray(0, -32))
    .digest()
    .copy(out, out.length - 32);
  return out;
}

test("a model cut off at any length is refused, never read", async () => {
  const bytes = (await fitted()).toBuffer();
  for (let length = 0; length < bytes.length; length++) {
    const error = await errorOf(() => fromBuffer(bytes.subarray(0, length)));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, /fromBuffer: (this is not a Treeline model file|the model is truncated or damaged)/);
  }
});

test("a model with any bit turned is refused", async () => {
  const bytes = (await fitted()).toBuffer();
  for (let i = 0; i < bytes.length; i++) {
    const damaged = Uint8Array.from(bytes);
    damaged[i] = (damaged[i] as number) ^ (1 << (i % 8));
    const error = await errorOf(() => fromBuffer(damaged));
    assert.is(error.code, "ERR_INVALID_DATA");
  }
});

test("a model with something behind it is refused", async () => {
  const bytes = (await fitted()).toBuffer();
  await errorOf(() => fromBuffer(Buffer.concat([bytes, Buffer.alloc(1)])));
});

const FOREIGN: [string, Uint8Array][] = [
  ["an empty file", new Uint8Array(0)],
  ["text", Buffer.from("a,b,c\n1,2,3\n".repeat(10))],
  ["a PNG", Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(100)])],
  ["the name alone", Buffer.from("TREELINE")],
];
for (const [what, bytes] of FOREIGN) {
  test(`${what} is refused with the path`, async ({ folder }) => {
    const path = join(folder, "foreign");
    await writeFile(path, bytes);
    const error = await errorOf(() => load(path));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.is(error.message, `load: ${path}: this is not a Treeline model file`);
  });
}

test("a model of a newer format says which, and to update", async () => {
  const bytes = Buffer.from((await fitted()).toBuffer());
  bytes.writeUInt32LE(7, 8);
  const message = "the model was saved in format 7, this version reads up to 1: update treeline";
  assert.is((await errorOf(() => fromBuffer(resealed(bytes)))).message, `fromBuffer: ${message}`);
  const json = (await fitted()).toJSON() as object;
  assert.is((await errorOf(() => fromJSON({ ...json, version: 7 }))).message, `fromJSON: ${message}`);
});

test("a model of an estimator this version does not have says so", async () => {
  const text = Buffer.from((await fitted()).toBuffer())
    .toString("latin1")
    .replace("StandardScaler", "StandardScalex");
  const error = await errorOf(() => fromBuffer(resealed(Buffer.from(text, "latin1"))));
  assert.is(error.message, "load: this version of treeline has no estimator StandardScalex");
});

test("a file that is not there is ERR_IO with the path", async ({ folder }) => {
  const path = join(folder, "nothing.treeline");
  const error = await errorOf(() => load(path));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /^load: cannot read .*nothing\.treeline: ENOENT/);
  assert.is((error.cause as { code: string }).code, "ENOENT");
});

test("a save that fails is ERR_IO, leaves what was there and nothing else", async ({ folder }) => {
  const model = await fitted();
  const missing = await errorOf(() => model.save(join(folder, "no", "such", "model.treeline")));
  assert.is(missing.code, "ERR_IO");
  assert.match(missing.message, /^StandardScaler\.save: cannot write .*model\.treeline: ENOENT/);
  const taken = join(folder, "taken");
  await mkdir(join(taken, "inside"), { recursive: true });
  assert.is((await errorOf(() => model.save(taken))).code, "ERR_IO");
  assert.equal(await readdir(folder), ["taken"]);
  assert.equal(await readdir(taken), ["inside"]);
});

test("a model that cannot be saved leaves the old file", async ({ folder }) => {
  const path = join(folder, "model.treeline");
  await (await fitted()).save(path);
  const before = await readFile(path);
  class Foreign {
    getParams(): object {
      return {};
    }
    async fit(): Promise<this> {
      return this;
    }
  }
  const pipeline = await makePipeline(new StandardScaler(), new Foreign()).fit(X);
  const error = await errorOf(() => pipeline.save(path));
  assert.is(error.code, "ERR_INVALID_ARGUMENT");
  assert.is(error.message, "save: a Foreign cannot be saved");
  assert.equal(await readFile(path), before);
  assert.equal(await readdir(folder), ["model.treeline"]);
});

test("readers see one whole model or the other while a file is replaced again and again", async ({ folder }) => {
  const path = join(folder, "model.treeline");
  const models = [await fitted(), await new StandardScaler().fit([[7, 8]])] as const;
  await models[0].save(path);
  const means = models.map((model) => model.mean_.join());
  const writing = Promise.all(Array.from({ length: 30 }, (_, i) => models[i % 2 === 0 ? 0 : 1].save(path)));
  for (let i = 0; i < 30; i++) assert.ok(means.includes((await load<StandardScaler>(path)).mean_.join()));
  await writing;
  assert.equal(await readdir(folder), ["model.treeline"]);
});

test("a model is read from any place in memory, and owns what it reads", async () => {
  const bytes = (await fitted()).toBuffer();
  for (let offset = 0; offset < 9; offset++) {
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, offset);
    const model = fromBuffer<StandardScaler>(larger.subarray(offset, offset + bytes.length));
    larger.fill(0);
    assert.equal(model.mean_, (await fitted()).mean_);
  }
});

test("the same model is the same bytes", async () => {
  assert.equal((await fitted()).toBuffer(), (await fitted()).toBuffer());
});

test("parameters of every kind come back: null, Infinity, Map, object, -0", async () => {
  const weights = new Map([[true, 2]]);
  for (const params of [
    { C: Infinity, classWeight: weights, nJobs: null },
    { C: 0.5, classWeight: { a: 1, $: 3 }, nJobs: -1 },
    { C: -0, classWeight: "balanced" as const },
  ]) {
    const model = new LogisticRegression(params);
    for (const copy of [fromBuffer(model.toBuffer()), fromJSON(JSON.parse(JSON.stringify(model)))]) {
      const back = copy.getParams() as Record<string, unknown>;
      assert.equal(back, model.getParams());
      assert.ok(Object.is(back["C"], params.C));
    }
  }
});

const DAMAGED: [string, unknown][] = [
  ["nothing", null],
  ["text", "TREELINE"],
  ["something else", { a: 1 }],
  ["no estimator", { format: "TREELINE", version: 1, estimator: { a: 1 } }],
  [
    "an array of an unknown type",
    {
      format: "TREELINE",
      version: 1,
      estimator: {
        $: "estimator",
        class: "DummyClassifier",
        params: {},
        state: { $: "array", type: "Object", length: 1, base64: "" },
      },
    },
  ],
  [
    "an array that is too short",
    {
      format: "TREELINE",
      version: 1,
      estimator: {
        $: "estimator",
        class: "DummyClassifier",
        params: {},
        state: { $: "array", type: "Float64Array", length: 2, base64: "AAAA" },
      },
    },
  ],
  [
    "an unknown class",
    { format: "TREELINE", version: 1, estimator: { $: "estimator", class: "constructor", params: {}, state: null } },
  ],
];
for (const [what, json] of DAMAGED) {
  test(`fromJSON refuses ${what}`, async () =>
    assert.is((await errorOf(() => fromJSON(json))).code, "ERR_INVALID_DATA"));
}

test("JSON of a fitted model is plain data that JSON.stringify keeps whole", async () => {
  const model = await new DummyClassifier().fit(X, ["a", "b", "b"]);
  const json = model.toJSON();
  assert.equal(JSON.parse(JSON.stringify(json)), json);
});

test.run();
