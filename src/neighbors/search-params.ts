import { choice, custom, integer, nJobs, type ParamSpec, type ParamSpecs } from "../base/params.js";
import type { NeighborDistance } from "../native/addon.js";

/** How far two rows are from each other. */
export type NeighborMetric =
  | "minkowski"
  | "euclidean"
  | "l2"
  | "sqeuclidean"
  | "manhattan"
  | "cityblock"
  | "l1"
  | "chebyshev"
  | "infinity"
  | "cosine";

/** What weighs neighbours: all alike, by 1 / distance, or a function of a row's distances, nearest first. */
export type NeighborWeights = "uniform" | "distance" | ((distances: Float64Array) => ArrayLike<number>);

/** Parameters of every search for neighbours. */
export interface NeighborSearchParams {
  /** Every one is exact here and gives the same answer, so that it is taken and not looked at. Default "auto". */
  algorithm: "auto" | "brute" | "kdTree" | "ballTree";
  /** Default "minkowski": the root of the sum of |difference| to the power p, Euclidean for p = 2. */
  metric: NeighborMetric;
  /** The power of "minkowski", positive. Default 2. */
  p: number;
  /** Default null: the ambient setting. */
  nJobs: number | null;
}

const METRICS: readonly NeighborMetric[] = [
  "minkowski",
  "euclidean",
  "l2",
  "sqeuclidean",
  "manhattan",
  "cityblock",
  "l1",
  "chebyshev",
  "infinity",
  "cosine",
];

export const SEARCH_SPECS: ParamSpecs<NeighborSearchParams> = {
  algorithm: choice("auto", ["auto", "brute", "kdTree", "ballTree"]),
  metric: choice("minkowski", METRICS),
  p: custom<number>(
    2,
    "a positive number, or Infinity",
    (value) => typeof value === "number" && value > 0, // NaN is not
    0,
  ),
  nJobs: nJobs(),
};

export function nNeighborsSpec(): ParamSpec<number> {
  return integer(5, { min: 1 });
}

export function weightsSpec(): ParamSpec<NeighborWeights> {
  return custom<NeighborWeights>(
    "uniform",
    'one of "uniform", "distance", or a function of the distances of a row',
    (value) => value === "uniform" || value === "distance" || typeof value === "function",
    "no such weights",
  );
}

/** The distance that native code computes. */
export function distanceOf({ metric, p }: Pick<NeighborSearchParams, "metric" | "p">): NeighborDistance {
  switch (metric) {
    case "minkowski":
      return p === 2 ? "euclidean" : p === 1 ? "manhattan" : p === Infinity ? "chebyshev" : "minkowski";
    case "l2":
      return "euclidean";
    case "l1":
    case "cityblock":
      return "manhattan";
    case "infinity":
      return "chebyshev";
    default:
      return metric;
  }
}
