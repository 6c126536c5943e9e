import { invalidData, show } from "../base/errors.js";
import type { NeighborWeights } from "./search-params.js";

/**
 * Weights of the neighbours of one row. "distance": 1 / distance; where some are at distance 0, those alone.
 *
 * @throws TreelineError ERR_INVALID_DATA for a function whose answer is no weight each.
 */
export function neighborWeights(where: string, weights: NeighborWeights, distances: Float64Array): ArrayLike<number> {
  if (weights === "uniform") return new Float64Array(distances.length).fill(1);
  if (weights === "distance") {
    return distances.includes(0) ? distances.map((d) => (d === 0 ? 1 : 0)) : distances.map((d) => 1 / d);
  }
  const given = weights(distances);
  const wrong = typeof given !== "object" || given === null || given.length !== distances.length;
  if (wrong || !Array.from(given).every(Number.isFinite)) {
    throw invalidData(
      `${where}: weights must give a finite number for each of ${distances.length} distances, gave ${show(given)}`,
    );
  }
  return given;
}
