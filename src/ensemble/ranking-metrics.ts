import { invalidArgument, show } from "../base/errors.js";
import type { RankingMetric } from "../native/addon.js";

/** What rankings are judged by: groupNdcgScore, groupMapScore, groupMrrScore. */
export type RankingMetricName = RankingMetric["kind"];

export const RANKING_METRICS: readonly RankingMetricName[] = ["ndcg", "map", "mrr"];

/** Documents of a query that count, or several such numbers; null: all. */
export type EvalAt = number | null | readonly number[];

export function isEvalAt(value: unknown): value is EvalAt {
  const isRank = (k: unknown): boolean => Number.isSafeInteger(k) && (k as number) >= 1;
  if (!Array.isArray(value)) return value === null || isRank(value);
  return value.length > 0 && value.every(isRank) && new Set(value).size === value.length;
}

/** The first cut-off; null: all documents. */
export function firstOf(evalAt: EvalAt): number | null {
  return evalAt === null || typeof evalAt === "number" ? evalAt : (evalAt[0] as number);
}

/** Metrics by their names in evalResults_: "map", or "map@1", "map@5", … if evalAt is a list. Names given twice count once. */
export function namedMetrics(kinds: readonly RankingMetricName[], evalAt: EvalAt): Map<string, RankingMetric> {
  if (evalAt === null || typeof evalAt === "number") {
    return new Map(kinds.map((kind) => [kind, { kind, k: evalAt ?? 0 }]));
  }
  return new Map(kinds.flatMap((kind) => evalAt.map((k) => [`${kind}@${k}`, { kind, k }])));
}

/** The fit option evalMetric as a list. @throws TreelineError ERR_INVALID_ARGUMENT */
export function readEvalMetric(evalMetric: unknown, where: string): RankingMetricName[] {
  const given = evalMetric === undefined ? [] : Array.isArray(evalMetric) ? (evalMetric as unknown[]) : [evalMetric];
  for (const name of given) {
    if (!RANKING_METRICS.includes(name as RankingMetricName)) {
      throw invalidArgument(
        `${where}: evalMetric must be one of ${RANKING_METRICS.map(show).join(", ")}, or several, got ${show(name)}`,
      );
    }
  }
  return given as RankingMetricName[];
}
