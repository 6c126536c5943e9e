import { setTimeout as sleep } from "node:timers/promises";
import type * as Undici from "undici";
import { TreelineError } from "../base/errors.js";

/** How a client behaves when the network does not. */
export interface HttpOptions {
  /** What error messages start with. */
  readonly where: string;
  /** Attempts after the first. */
  readonly nRetries: number;
  /** Seconds before the first retry; doubled for each further one. */
  readonly delay: number;
  /** Seconds without a byte after which a connection is given up. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** An answer of the server that trying again will not change. */
export class HttpStatusError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, url: string, body: string) {
    super(`${url} answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** GET with retries, through the proxy that HTTPS_PROXY / HTTP_PROXY / NO_PROXY name. Close it after use. */
export class HttpClient {
  readonly options: HttpOptions;
  readonly #fetch: typeof Undici.fetch;
  readonly #agent: Undici.Dispatcher;

  private constructor(undici: typeof Undici, options: HttpOptions) {
    this.options = options;
    this.#fetch = undici.fetch;
    const ms = options.timeout * 1000;
    this.#agent = new undici.EnvHttpProxyAgent({
      headersTimeout: ms,
      bodyTimeout: ms,
      connect: { timeout: ms },
      keepAliveTimeout: 1000,
    });
  }

  static async open(options: HttpOptions): Promise<HttpClient> {
    return new HttpClient(await import("undici"), options);
  }

  /**
   * One GET, read to its end by `read` within an attempt: what breaks the connection, a 5xx and a 429 are tried again.
   *
   * @throws HttpStatusError for any other status that `accepts` refuses; TreelineError ERR_IO when no attempt succeeds;
   * the signal's reason.
   */
  async get<T>(
    url: string,
    headers: () => Promise<Record<string, string>> | Record<string, string>,
    accepts: (status: number) => boolean,
    read: (response: Undici.Response) => Promise<T>,
  ): Promise<T> {
    const { nRetries, delay, signal, where } = this.options;
    for (let attempt = 0; ; attempt++) {
      try {
        signal?.throwIfAborted();
        return await read(await this.#request(url, await headers(), accepts));
      } catch (error) {
        signal?.throwIfAborted();
        if (!isTransient(error)) throw error;
        if (attempt >= nRetries) throw unreachable(where, url, error);
        await sleep(delay * 1000 * 2 ** attempt, undefined, { signal }).catch(() => signal?.throwIfAborted());
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #request(
    url: string,
    headers: Record<string, string>,
    accepts: (status: number) => boolean,
  ): Promise<Undici.Response> {
    const { signal = null } = this.options;
    const response = await this.#fetch(url, {
      dispatcher: this.#agent,
      // A range of a compressed answer would be of no use.
      headers: { "accept-encoding": "identity", "user-agent": "treeline", ...headers },
      signal,
    });
    if (accepts(response.status)) return response;
    const body = await response.text();
    throw new HttpStatusError(response.status, url, body);
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof HttpStatusError) return error.status >= 500 || error.status === 429 || error.status === 408;
  if (error instanceof BrokenTransfer) return true;
  // undici's fetch: "fetch failed" or "terminated", with the network's error as the cause.
  return error instanceof TypeError && error.cause instanceof Error && codeOf(error) !== "ERR_INVALID_URL";
}

/** A body that ended before its length. */
export class BrokenTransfer extends Error {}

function unreachable(where: string, url: string, error: unknown): TreelineError {
  const { origin, pathname } = new URL(url);
  if (error instanceof HttpStatusError) {
    return new TreelineError("ERR_IO", `${where}: ${origin}${pathname} answered ${error.status}; try again later`, {
      cause: error,
    });
  }
  const why = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return new TreelineError(
    "ERR_IO",
    `${where}: cannot download from ${origin} (${why}). Check the network, or name the proxy in HTTPS_PROXY; ` +
      "a file you already have is read by scanParquet or scanCsv",
    { cause: error },
  );
}

/** The code of an error or of what caused it, for example ENOTFOUND. */
function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return undefined;
}
