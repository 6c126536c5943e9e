// Keeps a matrix in a spill file and waits to be killed. Argument: spill directory.
import { setTimeout } from "node:timers/promises";
import { ChunkedMatrix, Matrix, withConfig } from "../../../src/index.js";

const spillDirectory = process.argv[2] as string;
const X = await ChunkedMatrix.from(new Matrix(new Float64Array(200_000), [100_000, 2]));
const kept = await withConfig({ memoryLimit: 1000, spillDirectory }, () => X.persist());
console.log("kept");
await setTimeout(60_000);
console.log(await kept.sum());
