import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { simdInfo } from "../src/index.js";

/** One line that says where figures were taken: processor, cores, memory, Node, kernels. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return (
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${memory} GiB, ` +
    `${process.platform}-${process.arch}, Node ${process.version}, treeline ${version} (${simdInfo().active})`
  );
}
