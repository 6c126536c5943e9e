import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { invalidArgument, invalidData, show, TreelineError, warnData } from "../base/errors.js";
import { boolean, checkParams, choice, custom, integer, number, nullable, withDefaults } from "../base/params.js";
import type { ParamSpecs } from "../base/params.js";
import { fromBatches } from "../data/from-batches.js";
import type { FrameColumn } from "../data/frame-column.js";
import type { Frame } from "../data/frame.js";
import { scanParquet } from "../data/scan.js";
import type { RunOptions } from "../native/job.js";
import { readArff } from "./arff.js";
import { dataHomeFolder } from "./data-home.js";
import { downloadFile } from "./download.js";
import { HttpClient, HttpStatusError } from "./http-client.js";
import { OpenmlApi, type OpenmlDetails, type OpenmlFeature } from "./openml-api.js";

const WHERE = "fetchOpenml";

/** Which data set, and how to get it. */
export interface OpenmlOptions {
  /** Its number on OpenML. Give this, or name. */
  dataId: number | null;
  /** Its name on OpenML, in any case. */
  name: string | null;
  /** With name: a version, or "active", the oldest one that is active. Default "active". */
  version: number | "active";
  /** Columns to predict: "default-target", the one that OpenML names; null: none. Default "default-target". */
  targetColumn: string | readonly string[] | null;
  /** File to download: "parquet", "arff", or "auto", Parquet where OpenML has it. Default "auto". */
  format: "auto" | "parquet" | "arff";
  /** Folder of the cache. Default TREELINE_DATA_HOME, else ~/.cache/treeline. */
  dataHome: string | null;
  /** Where the API is. Default TREELINE_OPENML_URL, else https://api.openml.org. */
  baseUrl: string | null;
  /** Ask the server again for what the cache has. Default false. */
  refresh: boolean;
  /** False: only what the cache has; anything else is an error. Default true. */
  downloadIfMissing: boolean;
  /** Attempts after the first one that a broken connection spoils. Default 3. */
  nRetries: number;
  /** Seconds before the first retry; doubled for each further one. Default 1. */
  delay: number;
  /** Seconds without an answer or a byte after which a connection is given up. Default 30. */
  timeout: number;
}

const isName = (value: unknown): boolean => typeof value === "string" && value !== "";

const SPECS: ParamSpecs<OpenmlOptions> = {
  dataId: nullable(integer(1, { min: 1 })),
  name: custom<string | null>(null, "a name, or null", (value) => value === null || isName(value)),
  version: custom<number | "active">(
    "active",
    'a positive integer, or "active"',
    (value) => value === "active" || (Number.isInteger(value) && (value as number) > 0),
  ),
  targetColumn: custom<string | readonly string[] | null>(
    "default-target",
    "a column's name, an array of names, or null",
    (value) => value === null || isName(value) || (Array.isArray(value) && value.length > 0 && value.every(isName)),
  ),
  format: choice("auto", ["auto", "parquet", "arff"]),
  dataHome: custom<string | null>(null, "a path, or null", (value) => value === null || isName(value)),
  baseUrl: custom<string | null>(null, "an http or https URL, or null", (value) => value === null || isHttpUrl(value)),
  refresh: boolean(false),
  downloadIfMissing: boolean(true),
  nRetries: integer(3, { min: 0 }),
  delay: number(1, { min: 0 }),
  timeout: number(30, { min: 0, exclusiveMin: true }),
};

/** A data set of OpenML. */
export interface OpenmlBunch {
  /** The features: what is neither target nor marked to be ignored. */
  readonly data: Frame;
  /** The column to predict; undefined for none or several (`targets` has them all). */
  readonly target: FrameColumn | undefined;
  readonly targets: readonly FrameColumn[];
  /** All columns of the file. Nominal ones are categories. */
  readonly frame: Frame;
  readonly featureNames: readonly string[];
  readonly targetNames: readonly string[];
  /** OpenML's description. */
  readonly DESCR: string;
  /** What else OpenML tells, licence and citation among it. */
  readonly details: OpenmlDetails;
  /** Its page. */
  readonly url: string;
  /** The Parquet file in the cache. */
  readonly path: string;
}

/**
 * A data set of openml.org, by number or name. The file is downloaded once and kept, checked against OpenML's checksum
 * (ARFF; of Parquet OpenML publishes none, its length and marks are checked); an interrupted download goes on where it
 * stopped. Proxies are those that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. With everything in the cache the network is
 * not touched. Progress counts bytes. Follows scikit-learn's fetch_openml.
 *
 * @example const { data, target } = await fetchOpenml({ dataId: 1597 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for a data set that OpenML does not have, ERR_IO when it cannot be
 * downloaded or has a wrong checksum, ERR_INVALID_DATA for a file that cannot be read, ERR_NATIVE without
 * @duckdb/node-api.
 */
export async function fetchOpenml(options: Partial<OpenmlOptions> & RunOptions): Promise<OpenmlBunch> {
  const { signal, onProgress, ...given } = options;
  const params = withDefaults(WHERE, SPECS, given);
  checkParams(WHERE, SPECS, params);
  if ((params.dataId === null) === (params.name === null)) {
    throw invalidArgument(`${WHERE}: give either dataId or name, for example { dataId: 1597 }`);
  }
  signal?.throwIfAborted();
  const base = baseUrlOf(params);
  const home = join(dataHomeFolder(params.dataHome ?? undefined), "openml", new URL(base).host.replaceAll(":", "-"));
  const { nRetries, delay, timeout } = params;
  let opened: Promise<HttpClient> | undefined;
  const client = async (): Promise<HttpClient> => {
    if (!params.downloadIfMissing) {
      throw new TreelineError("ERR_IO", `${WHERE}: the data set is not in the cache, ${home}; allow downloadIfMissing`);
    }
    return (opened ??= HttpClient.open({ where: WHERE, nRetries, delay, timeout, signal }));
  };
  const api = new OpenmlApi(base, home, params.refresh, client);
  try {
    const dataId = params.dataId ?? (await api.find(params.name as string, params.version, WHERE));
    const details = await api.details(dataId, WHERE);
    if (details.status === "deactivated" || details.status === "in_preparation") {
      warnData(`${WHERE}: OpenML marks data set ${dataId} (${details.name}) as ${details.status}`);
    }
    const features = await api.features(dataId, WHERE);
    const path = join(home, "data", `${dataId}.parquet`);
    if (params.refresh || !(await exists(path))) {
      await fetchFile(details, params.format, path, await client(), { signal, onProgress });
    }
    return await bunchOf(details, features, params.targetColumn, path);
  } catch (error) {
    signal?.throwIfAborted();
    throw asTreelineError(error);
  } finally {
    await (await opened?.catch(() => undefined))?.close();
  }
}

function baseUrlOf({ baseUrl }: OpenmlOptions): string {
  const base = baseUrl ?? process.env["TREELINE_OPENML_URL"] ?? "https://api.openml.org";
  if (isHttpUrl(base)) return base;
  throw invalidArgument(`${WHERE}: TREELINE_OPENML_URL must be an http or https URL, got ${show(base)}`);
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : "");
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Downloads the data as Parquet to `path`; an ARFF file is converted. */
async function fetchFile(
  details: OpenmlDetails,
  format: OpenmlOptions["format"],
  path: string,
  client: HttpClient,
  { signal, onProgress }: RunOptions,
): Promise<void> {
  const { parquet_url: parquetUrl, url, md5_checksum: md5 } = details;
  if (format === "parquet" && !isHttpUrl(parquetUrl)) {
    throw invalidArgument(`${WHERE}: OpenML has no Parquet file of ${details.name}; use format: "arff"`);
  }
  if (format !== "arff" && isHttpUrl(parquetUrl)) {
    try {
      await downloadFile(client, { url: parquetUrl as string, path, md5: undefined, check: notParquet, onProgress });
      return;
    } catch (error) {
      const missing = error instanceof HttpStatusError && [403, 404, 410].includes(error.status);
      if (format === "parquet" || !missing || !isHttpUrl(url)) throw error;
    }
  }
  if (!isHttpUrl(url)) throw new TreelineError("ERR_IO", `${WHERE}: OpenML names no file for ${details.name}`);
  const convert = async (arff: string, parquet: string): Promise<void> =>
    (await fromBatches(readArff(arff, signal), { signal })).writeParquet(parquet, { signal });
  await downloadFile(client, { url: url as string, path, md5, convert, onProgress });
}

/** A Parquet file starts and ends with PAR1. */
async function notParquet(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const marks = Buffer.alloc(8);
    await file.read(marks, 0, 4, 0);
    await file.read(marks, 4, 4, Math.max(0, size - 4));
    return size >= 12 && marks.toString("latin1") === "PAR1PAR1" ? undefined : "is no whole Parquet file";
  } finally {
    await file.close();
  }
}

async function bunchOf(
  details: OpenmlDetails,
  features: readonly OpenmlFeature[],
  targetColumn: OpenmlOptions["targetColumn"],
  path: string,
): Promise<OpenmlBunch> {
  const frame = await withCategories(await scanParquet(path), features);
  const targetNames = targetNamesOf(details, features, targetColumn);
  const left = new Set([...targetNames, ...ignoredNames(details, features)]);
  for (const name of targetNames) {
    if (!frame.columns.includes(name)) {
      throw invalidArgument(`${WHERE}: targetColumn: ${details.name} has no column ${show(name)}`);
    }
  }
  const featureNames = frame.columns.filter((name) => !left.has(name));
  if (featureNames.length === 0) throw invalidData(`${WHERE}: ${details.name} has no columns besides the targets`);
  const targets = targetNames.map((name) => frame.column(name));
  return {
    data: frame.select(...featureNames),
    target: targets.length === 1 ? targets[0] : undefined,
    targets,
    frame,
    featureNames,
    targetNames,
    DESCR: [details.description ?? ""].flat().join("\n"),
    details,
    url: `https://www.openml.org/d/${details.id}`,
    path,
  };
}

/** Nominal columns as categories, in OpenML's order. */
async function withCategories(frame: Frame, features: readonly OpenmlFeature[]): Promise<Frame> {
  const texts = new Set(frame.schema.filter(({ type }) => type === "VARCHAR").map(({ name }) => name));
  const casts = features
    .filter(({ name, dataType, values }) => dataType === "nominal" && values.length > 0 && texts.has(name))
    .map(({ name, values }) => [
      name,
      `CAST("${name.replaceAll('"', '""')}" AS ENUM(${values.map((v) => `'${v.replaceAll("'", "''")}'`).join(", ")}))`,
    ]);
  return casts.length === 0 ? frame : frame.withColumns(Object.fromEntries(casts) as Record<string, string>);
}

function targetNamesOf(
  details: OpenmlDetails,
  features: readonly OpenmlFeature[],
  targetColumn: OpenmlOptions["targetColumn"],
): string[] {
  if (targetColumn === null) return [];
  if (targetColumn !== "default-target") return [targetColumn].flat() as string[];
  const marked = features.filter((feature) => feature.isTarget).map((feature) => feature.name);
  if (marked.length > 0) return marked;
  return (details.default_target_attribute ?? "").split(",").filter((name) => name !== "");
}

function ignoredNames(details: OpenmlDetails, features: readonly OpenmlFeature[]): string[] {
  const named = [details.row_id_attribute ?? [], details.ignore_attribute ?? []].flat().flatMap((n) => n.split(","));
  return [...named, ...features.filter((feature) => feature.isIgnored).map((feature) => feature.name)];
}

/** A refused download or a full disk as a TreelineError; anything else as it is. */
function asTreelineError(error: unknown): unknown {
  if (error instanceof HttpStatusError) {
    return new TreelineError("ERR_IO", `${WHERE}: ${error.message}; is the data set still there?`, { cause: error });
  }
  if (error instanceof Error && typeof (error as { syscall?: unknown }).syscall === "string") {
    return new TreelineError("ERR_IO", `${WHERE}: ${error.message}`, { cause: error });
  }
  return error;
}
