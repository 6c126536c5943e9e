import { availableParallelism } from "node:os";
import { setImmediate, setTimeout } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  effectiveNJobs,
  parallel,
  parallelStream,
  withConfig,
  type ParallelProgress,
  type Task,
} from "../../src/index.js";

const after =
  <T>(ms: number, value: T): Task<T> =>
  async (signal) =>
    setTimeout(ms, value, { signal });

/** Tasks that count how many run at once. */
function counting(n: number): { tasks: Task<number>[]; most: () => number } {
  let [now, most] = [0, 0];
  const task = (i: number) => async (): Promise<number> => {
    most = Math.max(most, ++now);
    await setTimeout(1 + (i % 3));
    now--;
    return i;
  };
  return { tasks: Array.from({ length: n }, (_, i) => task(i)), most: () => most };
}

async function errorOf(call: () => Promise<unknown>): Promise<Error> {
  return call().then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );
}

for (const nJobs of [1, 2, 3, 100]) {
  test(`nJobs ${nJobs}: results in order of the tasks, no more at once than asked`, async () => {
    const { tasks, most } = counting(12);
    assert.equal(
      await parallel(tasks, { nJobs }),
      Array.from({ length: 12 }, (_, i) => i),
    );
    assert.is(most(), Math.min(nJobs, 12));
  });
}

test("no tasks give no results", async () => {
  assert.equal(await parallel([]), []);
  assert.equal(await parallel(new Set<Task<number>>()), []);
});

test("tasks may return plain values", async () => assert.equal(await parallel([() => 1, () => 2]), [1, 2]));

test("tasks are pulled as slots fall free, from sync and async iterables", async () => {
  let pulled = 0;
  let ended = 0;
  async function* later(): AsyncGenerator<Task<number>> {
    for (let i = 0; i < 20; i++) {
      await setImmediate();
      pulled++;
      yield async () => {
        assert.ok(pulled - ended <= 3, `${pulled} pulled, ${ended} ended`);
        await setImmediate();
        return ended++;
      };
    }
  }
  assert.is((await parallel(later(), { nJobs: 2 })).length, 20);
  function* now(): Generator<Task<number>> {
    yield () => 4;
    yield () => 5;
  }
  assert.equal(await parallel(now(), { nJobs: 2 }), [4, 5]);
});

test("the first error aborts the rest, and nothing runs when the promise rejects", async () => {
  let aborted = 0;
  let started = 0;
  const patient: Task<void> = async (signal) => {
    started++;
    try {
      await setTimeout(60_000, undefined, { signal });
    } catch (error) {
      await setTimeout(2);
      aborted++;
      throw error;
    }
  };
  const failing: Task<void> = async () => {
    await setTimeout(2);
    throw new RangeError("first");
  };
  const error = await errorOf(() => parallel([patient, failing, patient, patient, patient], { nJobs: 3 }));
  assert.instance(error, RangeError);
  assert.is(error.message, "first");
  assert.equal([started, aborted], [2, 2]);
});

test("a task that throws at once is an error like any other", async () => {
  const error = await errorOf(() =>
    parallel([
      () => {
        throw new Error("at once");
      },
    ]),
  );
  assert.is(error.message, "at once");
});

test("an abort rejects with the signal's reason", async () => {
  const abort = new AbortController();
  const running = errorOf(() => parallel([after(60_000, 1), after(60_000, 2)], { nJobs: 2, signal: abort.signal }));
  await setImmediate();
  abort.abort(new Error("no more"));
  assert.is((await running).message, "no more");
  assert.is((await errorOf(() => parallel([after(0, 1)], { signal: abort.signal }))).message, "no more");
});

for (const nJobs of [1, 3]) {
  test(`nJobs ${nJobs}: progress from nothing to all, with the total of an array`, async () => {
    const seen: ParallelProgress[] = [];
    await parallel(counting(5).tasks, { nJobs, onProgress: (p) => seen.push(p) });
    assert.equal(
      seen.map(({ done, total, fraction }) => [done, total, fraction]),
      [0, 1, 2, 3, 4, 5].map((done) => [done, 5, done / 5]),
    );
  });
}

test("what onProgress throws stops the run", async () => {
  const { tasks } = counting(50);
  let calls = 0;
  const error = await errorOf(() =>
    parallel(tasks, {
      nJobs: 2,
      onProgress: () => {
        if (++calls === 4) throw new Error("seen enough");
      },
    }),
  );
  assert.is(error.message, "seen enough");
  assert.is(calls, 4);
});

test("inside tasks the ambient nJobs is the task's share of the cores, also nested", async () => {
  const share = (): number => effectiveNJobs();
  const cores = availableParallelism();
  assert.equal(await parallel([share, share], { nJobs: 2 }), Array(2).fill(Math.max(1, Math.floor(cores / 2))));
  await withConfig({ nJobs: 12 }, async () => {
    assert.equal(await parallel([share, share, share], { nJobs: 3 }), [4, 4, 4]);
    assert.equal(await parallel([share, share], { nJobs: 12 }), [6, 6]);
    assert.equal(await parallel([share, share], { nJobs: 1 }), [12, 12]);
    const nested = async (): Promise<number[]> => parallel([share, share], { nJobs: 2 });
    assert.equal(await parallel([nested, nested, nested]), Array(3).fill([2, 2]));
    assert.is(effectiveNJobs(), 12);
  });
});

test("a stream gives results in order, or as they come", async () => {
  const tasks = [after(15, "slow"), after(1, "fast"), after(6, "middle")];
  const collect = async (ordered: boolean): Promise<string[]> => {
    const seen: string[] = [];
    for await (const { index, value } of parallelStream(tasks, { nJobs: 3, ordered })) {
      assert.is(value, ["slow", "fast", "middle"][index]);
      seen.push(value);
    }
    return seen;
  };
  assert.equal(await collect(true), ["slow", "fast", "middle"]);
  assert.is((await collect(false))[2], "slow");
});

test("a slow consumer of a stream holds the tasks back", async () => {
  let started = 0;
  function* many(): Generator<Task<number>> {
    for (let i = 0; i < 100; i++) yield () => started++;
  }
  const stream = parallelStream(many(), { nJobs: 2 });
  await stream.next();
  for (let i = 0; i < 50; i++) await setImmediate();
  assert.ok(started <= 8, `${started} started`);
  await stream.return();
  assert.ok(started <= 8);
});

test("leaving the loop of a stream aborts what runs and closes the iterable", async () => {
  let [closed, aborted] = [false, false];
  function* many(): Generator<Task<number>> {
    try {
      yield () => 1;
      yield async (signal) => {
        await setTimeout(60_000, 0, { signal }).catch(() => (aborted = true));
        return 2;
      };
      yield () => 3;
    } finally {
      closed = true;
    }
  }
  for await (const { value } of parallelStream(many(), { nJobs: 2 })) if (value === 1) break;
  assert.ok(closed && aborted);
});

const BAD: [string, () => Promise<unknown>, string][] = [
  [
    "promises for tasks",
    () => parallel([Promise.resolve(1)] as never),
    "parallel: task 0 must be a function (signal) => …, got a Promise",
  ],
  ["no iterable", () => parallel(5 as never), "parallel: expected an iterable of functions, got 5"],
  ["nJobs 0", () => parallel([], { nJobs: 0 }), "parallel: nJobs must be a non-zero integer (-1: all cores), got 0"],
];
for (const [name, call, message] of BAD) {
  test(`refuses ${name}`, async () => assert.is((await errorOf(call)).message, message));
}

test.run();
