import {
  averagePrecisionScore,
  f1Score,
  getScorer,
  jaccardScore,
  makeScorer,
  precisionScore,
  recallScore,
  type Frame,
  type Label,
  type LabelArray,
  type Scorable,
  type Scorer,
} from "../index.js";
import type { Problem, Task } from "./problem.js";
import { asUsage, UsageError } from "./terminal.js";

/** Metrics that say something where one class is rare, and the usual ones of the other tasks. */
const DEFAULTS = {
  binary: ["averagePrecision", "rocAuc", "f1", "precision", "recall", "balancedAccuracy", "negLogLoss"],
  multiclass: ["balancedAccuracy", "f1Macro", "accuracy", "rocAucOvr", "negLogLoss"],
  regression: ["r2", "negRootMeanSquaredError", "negMeanAbsoluteError"],
} as const;

/** Metrics of one class: they must know which. */
const OF_ONE_CLASS = { f1: f1Score, precision: precisionScore, recall: recallScore, jaccard: jaccardScore } as const;

/** What is measured, by name. */
export interface Metrics {
  readonly scorers: Readonly<Record<string, Scorer>>;
  /** Whether they were asked for; others are left out where a model cannot answer. */
  readonly asked: boolean;
  /** The label that metrics of one class are about. */
  readonly posLabel: Label | undefined;
}

/** Refuses names before any work. @throws UsageError */
export function checkScoring(scoring: readonly string[] = []): void {
  scoring.forEach((name) => asUsage(() => getScorer(name)));
}

/** The metrics asked for, else those that suit the task. @throws UsageError for a --pos-label that is no class. */
export function metricsFor(
  task: Task,
  { classes }: Problem,
  { scoring = [], posLabel: given }: { readonly scoring?: readonly string[]; readonly posLabel?: string },
): Metrics {
  const binary = task === "classification" && classes.length === 2;
  const posLabel = binary || given !== undefined ? positive(classes, given) : undefined;
  const asked = scoring.length > 0;
  const kind = task === "regression" ? "regression" : binary ? "binary" : "multiclass";
  const names = asked ? scoring : DEFAULTS[kind];
  const scorers = names.map((name) => [name, binary ? ofClass(name, posLabel) : getScorer(name)] as const);
  return { scorers: Object.fromEntries(scorers), asked, posLabel };
}

/** The label named, else the greater one. */
function positive(classes: readonly Label[], given: string | undefined): Label | undefined {
  if (given === undefined) return classes.at(-1);
  const found = classes.find((label) => String(label) === given);
  if (found !== undefined) return found;
  throw new UsageError(`--pos-label ${given} is no class of the target, which has ${classes.join(", ")}`);
}

/** The scorer of that name for two classes of any labels. */
function ofClass(name: string, posLabel: Label | undefined): Scorer {
  if (name === "averagePrecision") {
    return makeScorer(averagePrecisionScore, { responseMethod: ["decisionFunction", "predictProba"], posLabel });
  }
  const metric = Object.hasOwn(OF_ONE_CLASS, name) ? OF_ONE_CLASS[name as keyof typeof OF_ONE_CLASS] : undefined;
  return metric === undefined ? getScorer(name) : makeScorer(metric, { posLabel, zeroDivision: 0 });
}

/** The metrics that a model can answer, or all where they were asked for. */
export function answerable({ scorers, asked }: Metrics, model: Scorable): Record<string, Scorer> {
  const can = ([, scorer]: [string, Scorer]): boolean =>
    asked || scorer.responseMethod.some((method) => typeof model[method] === "function");
  return Object.fromEntries(Object.entries(scorers).filter(can));
}

/** The metrics of a fitted model on rows; it predicts once of each kind. */
export async function scoresOf(
  model: Scorable,
  X: Frame,
  y: LabelArray,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const scorers = answerable(metrics, model);
  const answers = remembering(model, signal);
  const scores: Record<string, number> = {};
  for (const [name, scorer] of Object.entries(scorers)) {
    signal.throwIfAborted();
    scores[name] = await scorer(answers, X, y);
  }
  return scores;
}

/** A model that gives its first answer again: it is asked of the same rows. */
function remembering(model: Scorable, signal: AbortSignal): Scorable {
  const kept = new Map<string, Promise<never>>();
  const answers: Record<string, unknown> = { classes_: model.classes_ };
  for (const method of ["predict", "predictProba", "decisionFunction"] as const) {
    if (typeof model[method] !== "function") continue;
    answers[method] = (X: Frame): Promise<never> => {
      const asked = model as unknown as Record<typeof method, (X: Frame, options: object) => Promise<never>>;
      const answer = kept.get(method) ?? asked[method](X, { signal });
      kept.set(method, answer);
      return answer;
    };
  }
  return answers as Scorable;
}
