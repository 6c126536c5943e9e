import { once } from "node:events";
import { TreelineError } from "../base/errors.js";
import { progressBars, type ProgressBars } from "../base/progress-bar.js";

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** What every command takes. */
export interface TalkOptions {
  /** One JSON document on stdout in place of text. */
  readonly json?: boolean;
  /** Nothing on stderr but errors. */
  readonly quiet?: boolean;
}

/** Where a command speaks: data on stdout, talk and progress on stderr. */
export class Terminal {
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly quiet: boolean;

  constructor({ json = false, quiet = false }: TalkOptions, signal: AbortSignal) {
    this.json = json;
    this.quiet = quiet;
    this.signal = signal;
  }

  /** The result: the document as JSON with --json, else the text. */
  async result(document: object, text: string): Promise<void> {
    await this.write(`${this.json ? jsonText(document) : text}\n`);
  }

  /** Data for stdout; waits where its reader is slow. */
  async write(text: string): Promise<void> {
    if (!process.stdout.write(text)) await once(process.stdout, "drain", { signal: this.signal });
  }

  /** A line for the person at the terminal. */
  tell(line: string): void {
    if (!this.quiet) process.stderr.write(`${line}\n`);
  }

  /** Bars on stderr where it is a terminal. */
  async bars(): Promise<ProgressBars> {
    if (!this.quiet) return progressBars();
    return { add: () => ({ update: () => undefined, finish: () => undefined }), stop: () => undefined };
  }
}

/** JSON as a person can read it: numbers that JSON has no word for are null, 64-bit integers texts. */
function jsonText(document: object): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value), 2);
}

/** A closed pipe (`treeline predict … | head`) is no error: the reader has seen enough. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(EXIT.ok);
    });
  }
}

/** Warnings as lines of ours; none with --quiet. */
export function tellWarnings(quiet: boolean): void {
  process.removeAllListeners("warning");
  if (!quiet) process.on("warning", (warning) => process.stderr.write(`treeline: warning: ${warning.message}\n`));
  else process.on("warning", () => undefined);
}

/** One line on stderr, with the stack where TREELINE_DEBUG=1; gives the exit code. */
export function tellError(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && process.env["TREELINE_DEBUG"] === "1" ? `${error.stack ?? ""}\n` : "";
  process.stderr.write(`treeline: ${message.replace(/\s*\n\s*/g, " ")}\n${stack}`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** What `make` throws on wrong names and values, as wrong usage. */
export function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof TreelineError ? new UsageError(error.message, { cause: error }) : error;
  }
}
