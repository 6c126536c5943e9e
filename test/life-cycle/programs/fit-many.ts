// Fits and transforms over and over; prints how many MB more the process holds after the second half than after the first.
import { setTimeout as sleep } from "node:timers/promises";
import { Matrix, StandardScaler } from "../../../src/index.js";

const X = new Matrix(
  Float64Array.from({ length: 200_000 }, (_, i) => i % 17),
  [20_000, 10],
);

async function megabytesAfter(fits: number): Promise<number> {
  for (let i = 0; i < fits; i++) await new StandardScaler().fitTransform(X);
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await sleep(1);
  }
  return process.memoryUsage.rss() / 2 ** 20;
}
await megabytesAfter(20);
const before = await megabytesAfter(80);
const after = await megabytesAfter(80);
console.log(Math.round(after - before));
