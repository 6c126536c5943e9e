import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  loadBreastCancer,
  loadDiabetes,
  loadDigits,
  loadIris,
  loadWine,
  Matrix,
  scanParquet,
} from "../../src/index.js";

/** What is predicted, and so what is measured: AUC and AP, macro AUC, R² or NDCG@10. */
export type Task = "binary" | "multiclass" | "regression" | "ranking";

export interface AccuracyTable {
  readonly name: string;
  readonly task: Task;
  readonly X: Matrix<Float64Array>;
  /** Class codes, numbers or grades. */
  readonly y: Float64Array;
  /** The query of every row, for a ranking. */
  readonly query: Float64Array | undefined;
}

/** More rows of a table are sampled down to so many. */
const MOST_ROWS = 20_000;

interface Stored {
  readonly task: Task;
  /** SQL of the target. */
  readonly y: string;
  readonly without?: readonly string[];
}

/** The tables of TREELINE_DATA: target, and columns that tell it or tell nothing. Texts become codes. */
const STORED: Readonly<Record<string, Stored>> = {
  adult: { task: "binary", y: "(income = '>50K')::INT", without: ["income", "split"] },
  bank_marketing: { task: "binary", y: "(deposit = 'yes')::INT", without: ["deposit"] },
  bike_sharing_hour: {
    task: "regression",
    y: "cnt",
    without: ["instant", "dteday", "casual", "registered", "cnt", "split"],
  },
  california_housing: { task: "regression", y: "MedHouseVal", without: ["MedHouseVal"] },
  clean2: { task: "binary", y: "target", without: ["target"] },
  connect_4: { task: "multiclass", y: "target", without: ["target"] },
  covtype_15k: { task: "multiclass", y: "Cover_Type - 1", without: ["Cover_Type"] },
  credit_default: { task: "binary", y: "default_next_month", without: ["ID", "default_next_month"] },
  creditcard_5k: { task: "binary", y: "Class", without: ["Class"] },
  flights_3m: { task: "regression", y: "greatest(-60, least(delay, 240))", without: ["delay", "date"] },
  house_16H: { task: "regression", y: "target", without: ["target"] },
  house_prices: { task: "regression", y: "SalePrice", without: ["Id", "SalePrice"] },
  lightgbm_binary_higgs: { task: "binary", y: "target", without: ["target", "weight", "init_score", "split"] },
  lightgbm_lambdarank: { task: "ranking", y: "relevance", without: ["relevance", "split"] },
  magic: { task: "binary", y: "target", without: ["target"] },
  mammography: { task: "binary", y: "target", without: ["target"] },
  oil_spill: { task: "binary", y: "target", without: ["target"] },
  shuttle: { task: "binary", y: "(target = 4)::INT", without: ["target"] },
  sleep: { task: "multiclass", y: "[0, 0, 1, 0, 0, 2, 0, 0, 0, 3, 0, 4][target + 1]", without: ["target"] },
  taxi_fare: { task: "regression", y: "fare_amount", without: ["fare_amount", "split"] },
  telco_churn: { task: "binary", y: "(Churn = 'Yes')::INT", without: ["customerID", "Churn"] },
  titanic: { task: "binary", y: "Survived", without: ["PassengerId", "Survived", "Name", "Ticket"] },
  wine_quality_red: { task: "regression", y: "quality", without: ["quality"] },
};

const BUNDLED = {
  breast_cancer: [loadBreastCancer, "binary"],
  diabetes: [loadDiabetes, "regression"],
  digits: [loadDigits, "multiclass"],
  iris: [loadIris, "multiclass"],
  wine: [loadWine, "multiclass"],
} as const;

export const TABLES: readonly string[] = [...Object.keys(BUNDLED), ...Object.keys(STORED)];

/** A table by its name; undefined where its file is not there. */
export async function accuracyTable(name: string): Promise<AccuracyTable | undefined> {
  if (Object.hasOwn(BUNDLED, name)) {
    const [load, task] = BUNDLED[name as keyof typeof BUNDLED];
    const { data, target } = await load();
    const values = Float64Array.from({ length: data.rows * data.cols }, (_, k) =>
      data.at(Math.floor(k / data.cols), k % data.cols),
    );
    const X = new Matrix(values, [data.rows, data.cols]);
    return { name, task, X, y: Float64Array.from(target as ArrayLike<number>, Number), query: undefined };
  }
  const folder = process.env["TREELINE_DATA"] ?? new URL("../../../shared/data", import.meta.url).pathname;
  const file = join(folder, `${name}.parquet`);
  const stored = STORED[name];
  if (stored === undefined || !existsSync(file)) return undefined;
  const { task, y, without = [] } = stored;
  const excluded = without.map((column) => `"${column}"`).join(", ");
  const whole = `SELECT * EXCLUDE (${excluded}), (${y})::DOUBLE AS y__ FROM self`;
  const sampled =
    task === "ranking" ? whole : `SELECT * FROM (${whole}) USING SAMPLE reservoir(${MOST_ROWS} ROWS) REPEATABLE (1)`;
  const frame = await (await scanParquet(file)).sql(sampled);
  const texts = frame.schema.filter(({ type }) => type === "VARCHAR").map((column) => column.name);
  const coded = texts.length > 0 ? await frame.categorize(...texts) : frame;
  const column = async (of: string): Promise<Float64Array> =>
    Float64Array.from((await coded.select(of).toMatrix({ dtype: "float64" })).data);
  const features = task === "ranking" ? coded.drop("y__", "query") : coded.drop("y__");
  const { data, rows, cols, order } = await features.toMatrix({ dtype: "float64" });
  const at = (k: number): number => {
    const [i, j] = [Math.floor(k / cols), k % cols];
    return data[order === "row" ? k : j * rows + i] as number;
  };
  const X = new Matrix(
    Float64Array.from({ length: rows * cols }, (_, k) => at(k)),
    [rows, cols],
  );
  return { name, task, X, y: await column("y__"), query: task === "ranking" ? await column("query") : undefined };
}
