import { boolean, checkParams, integer, randomState, withDefaults } from "../base/params.js";
import type { ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import type { Bunch, XyPair } from "./bunch.js";
import {
  FRAUD_HOURS,
  FREEDOM,
  HIDDEN_SCORES,
  HIDDEN_SHARE,
  HIDDEN_VALUES,
  NORMAL_FACTOR,
  NORMAL_HOURS,
  NORMAL_SCORES,
  NORMAL_VALUES,
  PLAIN_FACTOR,
  PLAIN_SCORES,
  PLAIN_VALUES,
} from "./credit-card-tables.js";
import { Curve } from "./curve.js";
import { log } from "./portable-math.js";
import { Random } from "./random.js";

const ROWS = 284807;
const FRAUDS = 492;
const LAST_SECOND = 172792;
/** Rows of one random stream: what a row holds depends on the seed and its index, never on the batches. */
const BLOCK = 1024;
const DEPENDENT = NORMAL_FACTOR.length;

/** Names of the columns: Time, V1 … V28, Amount. */
const FEATURES = ["Time", ...Array.from({ length: 28 }, (_, i) => `V${i + 1}`), "Amount"];
const COLS = FEATURES.length;

/** Kinds of rows. A hidden fraud looks almost normal. */
const NORMAL = 0;
const HIDDEN = 1;
const PLAIN = 2;

/** Parameters of makeCreditCardFraud. */
export interface CreditCardFraudOptions {
  /** Rows; the share of frauds is 492 / 284807. Default 284807. */
  nSamples: number;
  /** Seed; null: a fresh one. Default null. */
  randomState: number | null;
  /** Give [data, target] instead of a Bunch. Default false. */
  returnXy: boolean;
}

/** Parameters of creditCardFraudBatches. */
export interface CreditCardFraudBatchOptions extends Omit<CreditCardFraudOptions, "returnXy"> {
  /** Rows of a batch. Default 65536. */
  batchRows: number;
}

const BATCH_SPECS: ParamSpecs<CreditCardFraudBatchOptions> = {
  nSamples: integer(ROWS, { min: 1 }),
  randomState: randomState(),
  batchRows: integer(65536, { min: 1 }),
};
const SPECS: ParamSpecs<CreditCardFraudOptions> = {
  nSamples: BATCH_SPECS.nSamples,
  randomState: BATCH_SPECS.randomState,
  returnXy: boolean(false),
};

/**
 * Credit-card transactions with the published statistics of the ULB / Worldline data (Dal Pozzolo et al. 2015): at full
 * size 284,807 × 30 (Time, V1 … V28, Amount) and 492 frauds, in order of Time. The columns have its quantiles, means,
 * standard deviations and correlations by class, Time its counts by the hour, and models about the ROC-AUC and average
 * precision they reach on it. Not real data: what the published statistics do not tell (how V depend on Time, exact
 * repeats) is not there, and the low tail of V4 is heavier among frauds. The same randomState gives the same numbers on every platform.
 *
 * @example const { data, target } = makeCreditCardFraud({ nSamples: 50000, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for a parameter outside its range.
 */
export function makeCreditCardFraud(options: Partial<CreditCardFraudOptions> & { returnXy: true }): XyPair;
export function makeCreditCardFraud(options?: Partial<CreditCardFraudOptions> & { returnXy?: false }): Bunch;
export function makeCreditCardFraud(options: Partial<CreditCardFraudOptions> = {}): Bunch | XyPair {
  const params = withDefaults("makeCreditCardFraud", SPECS, options);
  checkParams("makeCreditCardFraud", SPECS, params);
  const { nSamples } = params;
  const plan = planRows(nSamples, seedOf(params.randomState));
  const values = new Float64Array(nSamples * COLS);
  fillRows(plan, 0, nSamples, values);
  const data = new Matrix(values, [nSamples, COLS]);
  const target = Float64Array.from(plan.rows, (row) => Number(kindOf(row) !== NORMAL));
  if (params.returnXy) return [data, target];
  return { data, target, targetNames: ["normal", "fraud"], featureNames: [...FEATURES], DESCR };
}

/**
 * The rows of makeCreditCardFraud in batches, for tables larger than memory (4 bytes a row are held). Each batch is an
 * object of columns: Time, V1 … V28, Amount as Float64Array, Class as Int32Array. What a row holds does not depend on
 * batchRows.
 *
 * @example for (const batch of creditCardFraudBatches({ nSamples: 2_848_070, randomState: 0 })) console.log(batch.Amount);
 * @throws TreelineError ERR_INVALID_ARGUMENT for a parameter outside its range.
 */
export function creditCardFraudBatches(
  options: Partial<CreditCardFraudBatchOptions> = {},
): Iterable<Record<string, Float64Array | Int32Array>> {
  const params = withDefaults("creditCardFraudBatches", BATCH_SPECS, options);
  checkParams("creditCardFraudBatches", BATCH_SPECS, params);
  const { nSamples, batchRows } = params;
  const plan = planRows(nSamples, seedOf(params.randomState));
  return {
    *[Symbol.iterator]() {
      for (let first = 0; first < nSamples; first += batchRows) {
        yield batchOf(plan, first, Math.min(first + batchRows, nSamples));
      }
    },
  };
}

function batchOf(plan: Plan, first: number, end: number): Record<string, Float64Array | Int32Array> {
  const count = end - first;
  const values = new Float64Array(count * COLS);
  fillRows(plan, first, end, values);
  const table = new Matrix(values, [count, COLS]);
  const batch: Record<string, Float64Array | Int32Array> = {};
  FEATURES.forEach((name, j) => (batch[name] = table.column(j)));
  batch["Class"] = plan.rows.subarray(first, end).map((row) => Number(kindOf(row) !== NORMAL));
  return batch;
}

interface Plan {
  readonly seed: number;
  /** Second × 4 + kind of every row, ascending. */
  readonly rows: Int32Array;
}

const kindOf = (row: number): number => row & 3;

/** When every transaction happens and of which kind it is. */
function planRows(nSamples: number, seed: number): Plan {
  const random = new Random(seed);
  const frauds = Math.round((nSamples * FRAUDS) / ROWS);
  const hidden = Math.round(HIDDEN_SHARE * frauds);
  const normalHours = cumulative(NORMAL_HOURS);
  const fraudHours = cumulative(FRAUD_HOURS);
  const rows = new Int32Array(nSamples);
  for (let i = 0; i < nSamples; i++) {
    const second = Math.min(LAST_SECOND, drawSecond(i < frauds ? fraudHours : normalHours, random));
    rows[i] = second * 4 + (i < hidden ? HIDDEN : i < frauds ? PLAIN : NORMAL);
  }
  return { seed, rows: rows.sort() };
}

function cumulative(counts: readonly number[]): Float64Array {
  const out = new Float64Array(counts.length);
  let sum = 0;
  counts.forEach((count, i) => (out[i] = sum += count));
  return out;
}

/** A second of the two days: an hour by its counts, then any second of it. */
function drawSecond(hours: Float64Array, random: Random): number {
  const at = random.uniform(0, hours[hours.length - 1] as number);
  let hour = 0;
  while ((hours[hour] as number) < at) hour++;
  return hour * 3600 + random.integer(3600);
}

/** Writes rows first … end - 1, row-major from the start of `out`. */
function fillRows(plan: Plan, first: number, end: number, out: Float64Array): void {
  tables ??= makeTables();
  const row = new Float64Array(COLS);
  for (let block = Math.floor(first / BLOCK); block * BLOCK < end; block++) {
    const random = new Random(plan.seed, block + 1);
    for (let i = block * BLOCK; i < Math.min(end, (block + 1) * BLOCK); i++) {
      const code = plan.rows[i] as number;
      row[0] = code >> 2;
      drawRow(kindOf(code), random, tables, row);
      if (i >= first) out.set(row, (i - first) * COLS);
    }
  }
}

/** One class's dependence (Cholesky factor, row after row) and columns (value by score). */
interface Copula {
  readonly factor: Float64Array;
  readonly curves: readonly Curve[];
}
interface Tables {
  /** By kind. */
  readonly copulas: readonly [normal: Copula, hidden: Copula, plain: Copula];
  /** Standard normal draws of the row at hand. */
  readonly draws: Float64Array;
}
let tables: Tables | undefined;

function makeTables(): Tables {
  const copula = (
    factor: readonly (readonly number[])[],
    scores: readonly number[],
    values: readonly (readonly number[])[],
  ): Copula => ({
    factor: Float64Array.from(factor.flat()),
    curves: values.map((column) => new Curve(scores, column)),
  });
  return {
    copulas: [
      copula(NORMAL_FACTOR, NORMAL_SCORES, NORMAL_VALUES),
      copula(NORMAL_FACTOR, HIDDEN_SCORES, HIDDEN_VALUES),
      copula(PLAIN_FACTOR, PLAIN_SCORES, PLAIN_VALUES),
    ],
    draws: new Float64Array(DEPENDENT),
  };
}

/** V1 … V28 and Amount of a row. Every kind takes as many random numbers. */
function drawRow(kind: number, random: Random, { copulas, draws }: Tables, row: Float64Array): void {
  for (let j = 0; j < DEPENDENT; j++) draws[j] = random.normal();
  // A chi-squared variable with 4 degrees of freedom is -2 log of a product of two uniform ones.
  const spread = Math.sqrt(FREEDOM / (-2 * log(random.uniform() * random.uniform())));
  const { factor, curves } = copulas[kind] as Copula;
  const scale = kind === PLAIN ? 1 : spread;
  let at = 0;
  for (let j = 0; j < DEPENDENT; j++) {
    let score = 0;
    for (let k = 0; k <= j; k++) score += (factor[at++] as number) * (draws[k] as number);
    row[j + 1] = (curves[j] as Curve).at(scale * score);
  }
  row[COLS - 1] = Math.max(0, Math.round((row[COLS - 1] as number) * 100) / 100);
}

const DESCR = `Simulated credit-card transactions
----------------------------------
Made by makeCreditCardFraud from published statistics of the credit-card fraud data that the Machine Learning Group of ULB
(Universite Libre de Bruxelles) and Worldline collected: two days of September 2013, 284,807 transactions, 492 frauds.
Time: seconds since the first transaction; V1 ... V28: principal components; Amount: in euros; target: 1 for a fraud.
Cite: A. Dal Pozzolo, O. Caelen, R. A. Johnson, G. Bontempi: Calibrating Probability with Undersampling for Unbalanced
Classification, IEEE CIDM 2015.
`;
