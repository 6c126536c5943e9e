import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { invalidArgument, show, TreelineError, warnData } from "../base/errors.js";
import { HttpStatusError, type HttpClient } from "./http-client.js";

/** What OpenML tells of a data set: fields of its JSON, as it spells them. */
export interface OpenmlDetails {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly format?: string;
  readonly status?: string;
  readonly description?: string | readonly string[];
  readonly licence?: string;
  /** Where the ARFF file is. */
  readonly url?: string;
  readonly parquet_url?: string;
  /** Of the ARFF file. */
  readonly md5_checksum?: string;
  readonly default_target_attribute?: string;
  readonly row_id_attribute?: string | readonly string[];
  readonly ignore_attribute?: string | readonly string[];
  readonly [field: string]: unknown;
}

/** A column, as OpenML's features list describes it. */
export interface OpenmlFeature {
  readonly name: string;
  readonly dataType: string;
  readonly isTarget: boolean;
  /** Not for learning: ignored, or an identifier of rows. */
  readonly isIgnored: boolean;
  /** Values of a nominal column; empty where OpenML does not list them. */
  readonly values: readonly string[];
}

/** OpenML's JSON API; answers are kept in `folder`. */
export class OpenmlApi {
  readonly #base: string;
  readonly #folder: string;
  readonly #refresh: boolean;
  readonly #client: () => Promise<HttpClient>;

  /** `client` is asked for only when something is not in the cache. */
  constructor(base: string, folder: string, refresh: boolean, client: () => Promise<HttpClient>) {
    this.#base = base.replace(/\/+$/, "");
    this.#folder = folder;
    this.#refresh = refresh;
    this.#client = client;
  }

  /** The id of a data set by its name. @throws TreelineError ERR_INVALID_ARGUMENT when there is none. */
  async find(name: string, version: number | "active", where: string): Promise<number> {
    const which = version === "active" ? "status/active" : `data_version/${version}`;
    const path = `data/list/data_name/${encodeURIComponent(name.toLowerCase())}/limit/2/${which}`;
    const missing = `${where}: OpenML has no ${version === "active" ? "active data set" : "data set"} named ${show(name)}${
      version === "active" ? "" : ` of version ${version}`
    }`;
    const answer = await this.#get(path, missing);
    const sets = ((answer["data"] as Json | undefined)?.["dataset"] ?? []) as { did: number; version: number }[];
    const first = sets[0];
    if (first === undefined) throw invalidArgument(missing);
    if (sets.length > 1) {
      warnData(
        `${where}: OpenML has several versions of ${show(name)}; taking version ${first.version} (dataId ` +
          `${first.did}). Name one with version or dataId`,
      );
    }
    return first.did;
  }

  async details(dataId: number, where: string): Promise<OpenmlDetails> {
    const answer = await this.#get(`data/${dataId}`, `${where}: OpenML has no data set ${dataId}`);
    return answer["data_set_description"] as OpenmlDetails;
  }

  async features(dataId: number, where: string): Promise<OpenmlFeature[]> {
    const answer = await this.#get(`data/features/${dataId}`, `${where}: OpenML lists no features of ${dataId}`);
    const features = ((answer["data_features"] as Json | undefined)?.["feature"] ?? []) as Json[];
    return features.map((feature) => ({
      name: String(feature["name"]),
      dataType: String(feature["data_type"]),
      isTarget: feature["is_target"] === "true",
      isIgnored: feature["is_ignore"] === "true" || feature["is_row_identifier"] === "true",
      values: [feature["nominal_value"] ?? []].flat().map(String),
    }));
  }

  async #get(path: string, missing: string): Promise<Json> {
    const kept = join(this.#folder, "api", `${path.replaceAll("/", "-").slice(0, 80)}-${digest(path)}.json`);
    if (!this.#refresh) {
      const json = await readJson(kept);
      if (json !== undefined) return json;
    }
    const client = await this.#client();
    const url = `${this.#base}/api/v1/json/${path}`;
    let text: string;
    try {
      text = await client.get(
        url,
        () => ({}),
        (status) => status === 200,
        (response) => response.text(),
      );
    } catch (error) {
      throw error instanceof HttpStatusError ? refusal(error, missing, client.options.where) : error;
    }
    const json = parseJson(text);
    if (json === undefined) throw new TreelineError("ERR_IO", `${client.options.where}: ${url} answered no JSON`);
    await writeWhole(kept, text);
    return json;
  }
}

type Json = Record<string, unknown>;

/** OpenML says 412 (and now and then 404) for what it does not have, with its reason in JSON. */
function refusal(error: HttpStatusError, missing: string, where: string): TreelineError {
  const detail = parseJson(error.body)?.["error"] as { message?: unknown } | undefined;
  const reason = typeof detail?.message === "string" ? ` (OpenML: ${detail.message})` : "";
  return error.status === 412 || error.status === 404
    ? new TreelineError("ERR_INVALID_ARGUMENT", `${missing}${reason}`, { cause: error })
    : new TreelineError("ERR_IO", `${where}: ${error.message}${reason}`, { cause: error });
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

async function readJson(path: string): Promise<Json | undefined> {
  try {
    return parseJson(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Beside it, then renamed: readers never see half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}.tmp`;
  await writeFile(beside, text);
  await rename(beside, path);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
