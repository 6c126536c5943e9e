import { availableParallelism, tmpdir } from "node:os";
import { setImmediate, setTimeout } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { effectiveNJobs, getConfig, setConfig, TreelineError, withConfig, type Config } from "../../src/index.js";
import { memoryLimitBytes, spillDirectory } from "../../src/base/config.js";

const cores = availableParallelism();

test.after.each(() => setConfig({ nJobs: null, memoryLimit: null, backend: null }));

test("nothing set: all available cores, no memory limit", () => {
  assert.is(effectiveNJobs(), cores);
  assert.is(memoryLimitBytes(), undefined);
});

test("spill files go to the system's temporary directory unless a setting names another", () => {
  assert.is(spillDirectory(), tmpdir());
  withConfig({ spillDirectory: "/data" }, () => assert.is(spillDirectory(), "/data"));
  for (const wrong of ["", 3]) {
    assert.throws(
      () => setConfig({ spillDirectory: wrong as string }),
      /spillDirectory must be the path of a directory/,
    );
  }
});

const JOBS: [number | null | undefined, number][] = [
  [1, 1],
  [3, 3],
  [1000, 1000],
  [-1, cores],
  [-2, Math.max(1, cores - 1)],
  [-1000, 1],
  [null, cores],
  [undefined, cores],
];
for (const [nJobs, expected] of JOBS) {
  test(`nJobs ${nJobs} means ${expected} threads, as a parameter and as a setting`, async () => {
    assert.is(effectiveNJobs(nJobs), expected);
    withConfig({ nJobs }, () => assert.is(effectiveNJobs(), expected));
  });
}

test("withConfig holds across awaits, timers and callbacks, and ends with its body", async () => {
  await withConfig({ nJobs: 3 }, async () => {
    await setImmediate();
    assert.is(effectiveNJobs(), 3);
    await setTimeout(1);
    assert.is(effectiveNJobs(), 3);
    await new Promise<void>((resolve) => process.nextTick(() => (assert.is(effectiveNJobs(), 3), resolve())));
  });
  assert.is(effectiveNJobs(), cores);
});

test("nested settings add up; inner ones win and fall away", async () => {
  await withConfig({ nJobs: 4, memoryLimit: "1GB" }, async () => {
    await withConfig({ nJobs: 2 }, async () => {
      await setImmediate();
      assert.equal([effectiveNJobs(), memoryLimitBytes()], [2, 1e9]);
    });
    assert.is(effectiveNJobs(), 4);
    withConfig({ nJobs: undefined }, () => assert.is(effectiveNJobs(), 4));
    withConfig({ nJobs: null }, () => assert.is(effectiveNJobs(), cores));
  });
});

test("settings of tasks that run at once do not touch each other", async () => {
  const seen = await Promise.all(
    [1, 2, 3, 4].map((nJobs) =>
      withConfig({ nJobs }, async () => {
        await setTimeout(5 - nJobs);
        return effectiveNJobs();
      }),
    ),
  );
  assert.equal(seen, [1, 2, 3, 4]);
});

test("an error in the body passes through and leaves no setting behind", async () => {
  assert.throws(
    () =>
      withConfig({ nJobs: 2 }, () => {
        throw new RangeError("inside");
      }),
    /inside/,
  );
  await withConfig({ nJobs: 2 }, () => Promise.reject(new RangeError("later"))).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, "later"),
  );
  assert.is(effectiveNJobs(), cores);
});

test("withConfig gives back what its body gives", () =>
  assert.is(
    withConfig({}, () => 7),
    7,
  ));

test("setConfig is for the process; withConfig comes before it; left-out settings stay", async () => {
  setConfig({ nJobs: 2 });
  setConfig({ memoryLimit: 1000 });
  assert.equal([effectiveNJobs(), memoryLimitBytes()], [2, 1000]);
  setConfig({ nJobs: undefined });
  assert.is(effectiveNJobs(), 2);
  withConfig({ nJobs: 5 }, () => assert.is(effectiveNJobs(), 5));
  const config = getConfig() as { nJobs?: number };
  config.nJobs = 99;
  assert.is(effectiveNJobs(), 2);
});

const SIZES: [number | string, number][] = [
  [5, 5],
  ["512MB", 512e6],
  ["2 gb", 2e9],
  ["1.5KiB", 1536],
  ["1TiB", 2 ** 40],
  ["300", 300],
];
for (const [memoryLimit, bytes] of SIZES) {
  test(`a memory limit of ${JSON.stringify(memoryLimit)} is ${bytes} bytes`, () => {
    withConfig({ memoryLimit }, () => assert.is(memoryLimitBytes(), bytes));
  });
}

const BAD: [unknown, string][] = [
  [{ nJobs: 0 }, "nJobs must be a non-zero integer (-1: all cores), got 0"],
  [{ nJobs: 1.5 }, "nJobs must be a non-zero integer (-1: all cores), got 1.5"],
  [{ nJobs: "2" }, 'nJobs must be a non-zero integer (-1: all cores), got "2"'],
  [{ memoryLimit: 0 }, 'memoryLimit must be a positive number of bytes or a size such as "2GB", got 0'],
  [
    { memoryLimit: "2 potatoes" },
    'memoryLimit must be a positive number of bytes or a size such as "2GB", got "2 potatoes"',
  ],
  [{ backend: "dask" }, 'backend must be "threads", got "dask"'],
  [{ njobs: 2 }, 'unknown setting "njobs"; there are nJobs, memoryLimit, spillDirectory and backend'],
  [4, "expected settings such as { nJobs: 4 }, got 4"],
];
for (const [config, message] of BAD) {
  test(`refuses ${JSON.stringify(config)} and changes nothing`, () => {
    for (const [where, call] of [
      ["setConfig", () => setConfig(config as Config)],
      ["withConfig", () => withConfig(config as Config, () => assert.unreachable())],
    ] as const) {
      try {
        call();
        assert.unreachable();
      } catch (error) {
        assert.instance(error, TreelineError);
        assert.is((error as TreelineError).code, "ERR_INVALID_ARGUMENT");
        assert.is((error as TreelineError).message, `${where}: ${message}`);
      }
    }
    assert.is(effectiveNJobs(), cores);
  });
}

test.run();
