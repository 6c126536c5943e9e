import { invalidArgument } from "../base/errors.js";
import { pour } from "../data/row-source.js";
import type { JobOptions, SinkHandle } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { BoostingRows, BoostingTask } from "./boosting-fit.js";

/** Losses whose leaves hold exact quantiles: a regression on gradients says nothing of those. */
const QUANTILES: ReadonlySet<string> = new Set(["absoluteError", "quantile", "mape"]);

/** Refuses what linear leaves do not go with. @throws TreelineError ERR_INVALID_ARGUMENT */
export function checkLinearTree({ where, params, loss, vectorLeaves }: BoostingTask): void {
  if (!params.linearTree) return;
  const obstacle = QUANTILES.has(loss)
    ? `loss "${loss}", whose leaves hold quantiles`
    : params.boostingType === "dart"
      ? 'boostingType "dart"'
      : vectorLeaves
        ? 'multiStrategy "multiOutputTree": use "oneOutputPerTree"'
        : params.monotonicCst !== null
          ? "monotonicCst"
          : (["l1Regularization", "maxDeltaStep", "pathSmooth"] as const).find((name) => params[name] > 0);
  if (obstacle !== undefined) throw invalidArgument(`${where}: linearTree does not go with ${obstacle}`);
}

/** The numerical columns of rows as they are, for linear leaves; undefined without linearTree. */
export async function rawColumns(
  { params }: BoostingTask,
  { source, rows }: BoostingRows,
  categorical: Uint8Array | undefined,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<SinkHandle | undefined> {
  if (!params.linearTree) return undefined;
  const isKept = Uint8Array.from({ length: source.nFeatures }, (_, j) => 1 - (categorical?.[j] ?? 0));
  const sink = addon().createRawSink(isKept, rows);
  await pour(source, sink, job, signal);
  return sink;
}
