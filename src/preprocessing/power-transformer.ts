import { invalidData } from "../base/errors.js";
import type { EstimatorTags, FittedBase } from "../base/estimator.js";
import { boolean, choice, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { ChunkedTransformer, refuseInfinite } from "./chunked-transformer.js";
import { boxCoxLambdas, yeoJohnsonLambdas, type LogColumn } from "./power-lambdas.js";
import { boxCox, inverseBoxCox, inverseYeoJohnson, signedLog, yeoJohnson } from "./power-maps.js";
import { isConstant } from "./standard-scaler.js";

/** Parameters of PowerTransformer. */
export interface PowerTransformerParams {
  /** Yeo and Johnson's powers, of any numbers ("yeo-johnson", default), or Box and Cox's, of positive ones ("box-cox"). */
  method: "yeo-johnson" | "box-cox";
  /** Bring the result to mean 0 and variance 1. Default true. */
  standardize: boolean;
}

const SPECS: ParamSpecs<PowerTransformerParams> = {
  method: choice("yeo-johnson", ["yeo-johnson", "box-cox"]),
  standardize: boolean(true),
};

interface Fitted extends FittedBase {
  readonly method: PowerTransformerParams["method"];
  readonly lambdas: Float64Array;
  /** Of the powers; undefined where they are not standardised. */
  readonly mean: Float64Array | undefined;
  readonly scale: Float64Array | undefined;
}

/**
 * Makes columns more like a normal distribution by the power that does it best, its likelihood being greatest: scikit-learn's
 * PowerTransformer. Missing values (NaN) are left out of fit and stay. Fit is some thirty passes over the logarithms of X,
 * which are kept, beyond memoryLimit in a temporary file.
 *
 * @example const Z = await new PowerTransformer().fitTransform([[1, 2], [3, 2], [4, 5]]);
 */
export class PowerTransformer extends ChunkedTransformer<PowerTransformerParams, Fitted> {
  constructor(params: Partial<PowerTransformerParams> = {}) {
    super("PowerTransformer", SPECS, params);
  }

  override get tags(): EstimatorTags {
    const { method } = this.params;
    return {
      kind: "transformer",
      allowNaN: true,
      requiresY: false,
      sampleWeight: false,
      ...(method === "box-cox" ? { positiveOnly: true } : {}),
    };
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: RunOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const { method, standardize } = this.params;
    const run = { signal: options.signal };
    await refuseBad(X, method, where, run);
    const wide = X.astype("float64");
    const logs = await (method === "box-cox" ? wide.log() : signedLog(wide)).persist(run);
    try {
      const columns = await logColumns(wide, logs, method, where, run);
      const lambdas =
        method === "box-cox"
          ? await boxCoxLambdas(logs, columns, run, where)
          : await yeoJohnsonLambdas(logs, columns, run);
      if (!standardize) return { method, lambdas, mean: undefined, scale: undefined };
      const Z = method === "box-cox" ? boxCox(logs, lambdas) : yeoJohnson(logs, lambdas);
      const axis = { axis: 0 } as const;
      const [mean, variance] = (await computeAll([Z.nanMean(axis), Z.nanVariance(axis)], run)) as Float64Array[];
      const scale = (variance as Float64Array).map((value, j) =>
        isConstant(value, mean?.[j] as number, columns[j]?.count ?? X.rows) ? 1 : Math.sqrt(value),
      );
      return { method, lambdas, mean, scale };
    } finally {
      logs.dispose();
    }
  }

  protected override apply(X: ChunkedMatrix, { method, lambdas, mean, scale }: Fitted): ChunkedMatrix {
    const wide = X.astype("float64");
    const Z = method === "box-cox" ? boxCox(wide.log(), lambdas) : yeoJohnson(signedLog(wide), lambdas);
    return (mean === undefined || scale === undefined ? Z : Z.subtract(mean).divide(scale)).astype(X.dtype);
  }

  /**
   * The transformed table: float32 for a Matrix of float32, else float64.
   *
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_DATA for numbers that are not positive with "box-cox".
   */
  override async transform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const fitted = this.fitted("transform");
    const table = await this.seen(X, "transform", options);
    if (fitted.method === "box-cox") await refuseBad(table, fitted.method, "PowerTransformer.transform", options);
    return this.answer(this.apply(table, fitted), options);
  }

  /** Back to original values; NaN for those that no value becomes. */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const { method, lambdas, mean, scale } = this.fitted("inverseTransform");
    const table = await this.seen(X, "inverseTransform", options);
    const wide = table.astype("float64");
    const Z = mean === undefined || scale === undefined ? wide : wide.multiply(scale).add(mean);
    const back = method === "box-cox" ? inverseBoxCox(Z, lambdas) : inverseYeoJohnson(Z, lambdas);
    return this.answer(back.astype(table.dtype), options);
  }

  /** The power of each column. */
  get lambdas_(): Float64Array {
    return this.fitted("lambdas_").lambdas;
  }
}

/** Refuses infinities, and what is not positive with "box-cox". @throws TreelineError ERR_INVALID_DATA */
async function refuseBad(
  X: ChunkedMatrix,
  method: PowerTransformerParams["method"],
  where: string,
  { signal }: RunOptions,
): Promise<void> {
  if (X.rows === 0) return;
  const axis = { axis: 0 } as const;
  const [low, high] = (await computeAll([X.nanMin(axis), X.nanMax(axis)], { signal })) as [Float64Array, Float64Array];
  refuseInfinite(low, X, where);
  refuseInfinite(high, X, where);
  const j = method === "box-cox" ? low.findIndex((value) => value <= 0) : -1;
  if (j < 0) return;
  throw invalidData(
    `${where}: X holds ${low[j]} in column ${j}, but Box and Cox's powers are of positive numbers: use method "yeo-johnson"`,
  );
}

/** What the searches need to know; undefined for a constant column, whose lambda is 1. */
async function logColumns(
  X: ChunkedMatrix,
  logs: ChunkedMatrix,
  method: PowerTransformerParams["method"],
  where: string,
  options: RunOptions,
): Promise<(LogColumn | undefined)[]> {
  const axis = { axis: 0 } as const;
  const [count, mean, variance, sum, low, high] = (await computeAll(
    [X.count(axis), X.nanMean(axis), X.nanVariance(axis), logs.nanSum(axis), logs.nanMin(axis), logs.nanMax(axis)],
    options,
  )) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return Array.from(count, (n, j) => {
    if (n === 0) throw invalidData(`${where}: column ${j} of X has no value that is not NaN`);
    const column = { count: n, sum: sum[j] as number, low: low[j] as number, high: high[j] as number };
    const isSame = low[j] === high[j];
    if (method === "box-cox" && isSame) {
      throw invalidData(`${where}: column ${j} of X is constant, which has no best power of Box and Cox's`);
    }
    const isNearlySame = isConstant(variance[j] as number, mean[j] as number, n);
    return method === "yeo-johnson" && (isSame || isNearlySame) ? undefined : column;
  });
}
