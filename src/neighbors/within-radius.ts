import { setImmediate } from "node:timers/promises";
import { invalidArgument, show } from "../base/errors.js";
import { stageChunk } from "../data/row-source.js";
import type { JobOptions, RadiusResult, SinkHandle } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import type { Asked } from "./neighbors-estimator.js";
import type { StoredFitted } from "./stored-rows.js";

/** Options of radiusNeighbors. */
export interface RadiusNeighborsOptions extends RunOptions {
  /** Default: the parameter. */
  readonly radius?: number | undefined;
  /** The nearest first. Default false: in the order of the rows of fit. */
  readonly sortResults?: boolean | undefined;
}

/** The rows of fit within a radius of each row: an array a row. */
export interface RadiusNeighbors {
  readonly distances: readonly Float64Array[];
  /** Numbers of rows of fit. */
  readonly indices: readonly Float64Array[];
}

/** All rows of a store within a radius of the rows asked for. */
export async function withinRadius(
  { where, fitted, source }: Asked<StoredFitted>,
  store: SinkHandle,
  radius: number,
  job: JobOptions,
  { signal, sortResults = false }: RadiusNeighborsOptions,
): Promise<RadiusNeighbors> {
  if (typeof radius !== "number" || !(radius >= 0)) {
    throw invalidArgument(`${where}: radius must be a non-negative number, got ${show(radius)}`);
  }
  const labels = { where: `${where}: X`, names: fitted.featureNamesIn, nFeatures: fitted.nFeaturesIn };
  const distances: Float64Array[] = [];
  const indices: Float64Array[] = [];
  const add = ({ begin, distances: d, indices: at }: RadiusResult): void => {
    for (let i = 0; i + 1 < begin.length; i++) {
      const [from, to] = [begin[i] as number, begin[i + 1] as number];
      const found = { distances: d.slice(from, to), indices: at.slice(from, to) };
      const sorted = sortResults ? nearestFirst(found.distances, found.indices) : found;
      distances.push(sorted.distances);
      indices.push(sorted.indices);
    }
  };
  if (source === undefined) {
    add(await addon().withinRadius(labels, store, undefined, radius, job));
    return { distances, indices };
  }
  for await (const chunk of source.chunks(signal)) {
    signal?.throwIfAborted();
    add(await addon().withinRadius(labels, store, stageChunk(chunk), radius, job));
    await setImmediate();
  }
  return { distances, indices };
}

function nearestFirst(
  distances: Float64Array,
  indices: Float64Array,
): { distances: Float64Array; indices: Float64Array } {
  const order = Array.from(distances, (_, j) => j).sort(
    (a, b) => (distances[a] as number) - (distances[b] as number) || a - b,
  );
  return {
    distances: Float64Array.from(order, (j) => distances[j] as number),
    indices: Float64Array.from(order, (j) => indices[j] as number),
  };
}
