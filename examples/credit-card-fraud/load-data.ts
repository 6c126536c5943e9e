import { stat } from "node:fs/promises";
import {
  creditCardFraudBatches,
  fetchOpenml,
  fromBatches,
  progressBars,
  scanCsv,
  scanParquet,
  TreelineError,
  type Frame,
} from "treeline";
import type { Options } from "./options.js";

const FEATURES = ["Time", ...Array.from({ length: 28 }, (_, i) => `V${i + 1}`), "Amount"];
const OPENML_ID = 1597;
/** Seconds: openml.org is given up after this long a silence, and the whole download after that. */
const PATIENCE = { silence: 5, whole: 90 };
/** Normal transactions of the published data. */
const NORMALS = 284_315;

/** The transactions, and where they come from. */
export interface Data {
  /** One line: the source. */
  readonly source: string;
  /** Time, V1 … V28, Amount, Class (0 or 1), weight. */
  readonly frame: Frame;
  /** Whether rows stand for others: the weights are not all 1. */
  readonly weighted: boolean;
}

/** The file named, else OpenML's data set, else simulated data. */
export async function loadData(options: Options, signal: AbortSignal): Promise<Data> {
  if (options.data !== undefined) return fromFile(options.data);
  const found = await fromOpenml(options.offline, signal);
  if ("frame" in found) return found;
  const batches = creditCardFraudBatches({ nSamples: options.rows, randomState: options.seed });
  return {
    source: `simulated data, seed ${options.seed} (makeCreditCardFraud), because ${found.reason}`,
    ...(await prepared(await fromBatches(batches, { signal }))),
  };
}

async function fromFile(path: string): Promise<Data> {
  await stat(path).catch(() => {
    throw new Error(`--data: there is no file ${path}`);
  });
  const frame = await (/\.(parquet|pq)$/i.test(path) ? scanParquet(path) : scanCsv(path));
  const missing = [...FEATURES, "Class"].filter((name) => !frame.columns.includes(name));
  if (missing.length > 0) throw new Error(`--data: ${path} has no column ${missing.join(", ")}`);
  return { source: path, ...(await prepared(frame)) };
}

async function fromOpenml(offline: boolean, signal: AbortSignal): Promise<Data | { reason: string }> {
  const bars = await progressBars();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE.whole * 1000)]);
  try {
    const bar = bars.add("openml.org");
    const bunch = await fetchOpenml({
      dataId: OPENML_ID,
      nRetries: 0,
      timeout: PATIENCE.silence,
      signal: limit,
      onProgress: (progress) => bar.update({ fraction: progress.fraction }),
      downloadIfMissing: !offline,
    });
    return { source: `openml.org, data set ${OPENML_ID} (${bunch.path})`, ...(await prepared(bunch.frame)) };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { reason: `openml.org did not send it within ${PATIENCE.whole} s` };
    if (!(error instanceof TreelineError) || error.code === "ERR_NATIVE") throw error;
    return { reason: offline ? "openml.org was not to be asked" : (error.message.split(". ")[0] ?? "") };
  } finally {
    bars.stop();
  }
}

/**
 * The columns the models need. A file with the column srs is a sample of the published data with all of its frauds: those
 * normals for which it is true are a uniform sample and stand for all of them; the other normals are left out.
 */
async function prepared(all: Frame): Promise<Omit<Data, "source">> {
  const weighted = all.columns.includes("srs");
  // Class is text, number or category in one file or another.
  const isFraud = `CAST(CAST(Class AS VARCHAR) AS DOUBLE) = 1`;
  const rows = weighted ? await all.filter(`srs OR ${isFraud}`) : all;
  const normals = weighted ? await (await rows.filter(`NOT ${isFraud}`)).countRows() : NORMALS;
  const frame = await rows.withColumns({
    Class: `CAST(${isFraud} AS DOUBLE)`,
    weight: weighted ? `CASE WHEN ${isFraud} THEN 1.0 ELSE ${NORMALS / normals} END` : "1.0",
  });
  return { frame: frame.select(...FEATURES, "Class", "weight"), weighted };
}
