import { PassThrough } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { progressBars } from "../../src/index.js";
import { withProgressBar } from "../../src/base/progress-bar.js";

/** A stream that is no terminal, and what was written to it. */
function sink(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (part: Buffer) => (text += part.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test("draw nothing where there is no terminal", async () => {
  const { stream, text } = sink();
  const bars = await progressBars({ stream });
  const bar = bars.add("fit");
  bar.update({ fraction: 0.5 });
  bar.finish("done");
  bars.stop();
  assert.is(text(), "");
});

test("several bars show label, percentage and score when asked to draw", async () => {
  const { stream, text } = sink();
  const bars = await progressBars({ stream, always: true });
  const [first, second] = [bars.add("boosting"), bars.add("logistic")];
  first.update({ fraction: 0.25, score: 0.123456789 });
  second.finish("0.1 s");
  bars.stop();
  await new Promise(setImmediate);
  assert.match(text(), /25% \| boosting \(0\.123457\)/);
  assert.match(text(), /100% \| logistic 0\.1 s/);
});

test("withProgressBar hands progress on and passes errors through", async () => {
  const { stream } = sink();
  const seen: number[] = [];
  const run = withProgressBar(
    "fit",
    { onProgress: (p: { fraction: number }) => seen.push(p.fraction) },
    async ({ onProgress }) => {
      onProgress?.({ fraction: 0.5 });
      throw new Error("broken");
    },
    { stream, always: true },
  );
  await run.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, "broken"),
  );
  assert.equal(seen, [0.5]);
});

test.run();
