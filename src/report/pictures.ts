import { TreelineError } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { Named } from "../plot/call.js";
import type { Plot } from "../plot/plot.js";
import { plotCalibrationCurve } from "../plot/plot-calibration-curve.js";
import { plotClassBalance } from "../plot/plot-class-balance.js";
import { plotConfusionMatrix } from "../plot/plot-confusion-matrix.js";
import { plotFeatureImportance, type ImportanceSource } from "../plot/plot-feature-importance.js";
import { plotPrecisionRecallCurve } from "../plot/plot-precision-recall-curve.js";
import { plotRocCurve } from "../plot/plot-roc-curve.js";
import { plotScoreHistogram } from "../plot/plot-score-histogram.js";
import type { Evaluated, TestRows } from "./evaluate.js";
import type { Problem } from "./problem.js";
import { plotPredictions, plotResiduals } from "./regression-plots.js";

/** A picture of the report. */
export interface Picture {
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly caption: string;
  readonly plot: Plot;
  /** Needs the whole width of the page. */
  readonly wide: boolean;
}

const CURVE = { width: 340, height: 300 };

/** All pictures that the models can be drawn in. */
export async function picturesOf(problem: Problem, rows: TestRows, models: readonly Evaluated[]): Promise<Picture[]> {
  const predictions = byName(models, ({ predicted }) => predicted);
  if (problem.kind === "regression") return ofNumbers(rows, predictions);
  const confusion = {
    title: "Confusion matrices",
    caption: "A row a true class, a column a predicted one; the colour is the share of the true class.",
    plot: await plotConfusionMatrix(rows.y, predictions, { sampleWeight: rows.weights, width: 190, height: 190 }),
    wide: true,
  };
  return problem.kind === "binary" ? [...(await ofScores(problem, rows, models)), confusion] : [confusion];
}

async function ofScores(
  { y, positive, negative }: Extract<Problem, { kind: "binary" }>,
  { weights: sampleWeight }: TestRows,
  models: readonly Evaluated[],
): Promise<Picture[]> {
  // The pictures name the classes.
  const truth = negative === undefined ? y : Array.from(y, (one) => (one === 1 ? positive : negative));
  const posLabel = negative === undefined ? 1 : positive;
  const scores = byName(models, (model) => model.scores as Float64Array);
  const options = { sampleWeight, posLabel, ...CURVE };
  const pictures: Picture[] = [];
  if (new Set(y).size === 2) {
    pictures.push(
      {
        title: "Precision and recall",
        caption:
          "The higher to the right, the better; the dashed line is the share of positives, which guessing gives.",
        plot: await plotPrecisionRecallCurve(truth, scores, options),
        wide: false,
      },
      {
        title: "ROC curves",
        caption: "The nearer the upper left corner, the better; the dashed line is guessing.",
        plot: await plotRocCurve(truth, scores, options),
        wide: false,
      },
    );
  }
  const probable = models.filter(({ isProba }) => isProba === true);
  if (probable.length > 0) {
    const note = sampleWeight === undefined ? "" : " Rows count once here, without their weights.";
    pictures.push({
      title: "Calibration",
      caption: `How often what was given a probability came true: on the dashed line the probabilities are honest.${note}`,
      plot: await plotCalibrationCurve(
        truth,
        byName(probable, (model) => model.scores as Float64Array),
        { posLabel, ...CURVE },
      ),
      wide: false,
    });
  }
  pictures.push({
    title: "Scores of both classes",
    caption: "How the scores of each class are spread: apart is good.",
    plot: await plotScoreHistogram(truth, scores, { sampleWeight, posLabel, width: 380, height: 72 }),
    wide: models.length > 3,
  });
  return pictures;
}

async function ofNumbers(
  rows: TestRows,
  predictions: Readonly<Record<string, VectorLike & object>>,
): Promise<Picture[]> {
  return [
    {
      title: "Predicted and true",
      caption:
        "Each point a row (of many rows some thousand, evenly taken); on the dashed line the prediction is right.",
      plot: await plotPredictions(rows.y, predictions),
      wide: true,
    },
    {
      title: "Errors",
      caption: "How prediction minus truth is spread: narrow and around 0 is good.",
      plot: await plotResiduals(rows.y, predictions),
      wide: false,
    },
  ];
}

/** How many rows each class has: of the rows that are reported on, and of those that models were fitted on. */
export async function classPicture(y: VectorLike, yTrain: VectorLike | undefined): Promise<Picture> {
  const sets =
    yTrain === undefined
      ? (y as VectorLike & object)
      : { training: yTrain as VectorLike & object, test: y as VectorLike & object };
  return {
    title: "Classes",
    caption: "Rows of each class, on a logarithmic axis.",
    plot: await plotClassBalance(sets, { scale: "log", width: 300 }),
    wide: false,
  };
}

/** The importances of all models that tell them; undefined if none does. */
export async function importancePicture(
  sources: readonly Named<ImportanceSource>[],
  featureNames: readonly string[] | undefined,
): Promise<Picture | undefined> {
  const telling: Named<ImportanceSource>[] = [];
  for (const source of sources) if (await tells(source, featureNames)) telling.push(source);
  if (telling.length === 0) return undefined;
  const named = Object.fromEntries(telling.map(({ name, value }) => [name, value]));
  const options = { maxFeatures: 12, width: 190, featureNames };
  return {
    title: "Features",
    caption:
      "What each model makes most of: importances of trees, coefficients of linear models, or the fall of the score when a column is shuffled.",
    plot: await plotFeatureImportance(named, options).catch(() =>
      plotFeatureImportance(named, { ...options, featureNames: undefined }),
    ),
    wide: true,
  };
}

/** Whether a model tells importances of features; some do not, and say so. */
async function tells(
  { name, value }: Named<ImportanceSource>,
  featureNames: readonly string[] | undefined,
): Promise<boolean> {
  try {
    await plotFeatureImportance({ [name]: value }, { featureNames });
    return true;
  } catch (error) {
    if (!(error instanceof TreelineError)) throw error;
    return error.code === "ERR_INVALID_DATA"; // it tells those of other columns than X has
  }
}

function byName<T>(models: readonly Evaluated[], of: (model: Evaluated) => T): Record<string, T & object> {
  return Object.fromEntries(models.map((model) => [model.name, of(model) as T & object]));
}
