import type { MultiBar } from "cli-progress";

/** What a bar shows: how much is done, and the objective where there is one. */
export interface BarState {
  /** 0 … 1. */
  readonly fraction: number;
  readonly score?: number | undefined;
}

/** One bar. */
export interface ProgressBar {
  /** Shows how far the work is: hand it to onProgress. */
  update(state: BarState): void;
  /** Fills the bar and leaves a last word behind it. */
  finish(note?: string): void;
}

export interface ProgressBarsOptions {
  /** Where to draw. Default process.stderr. */
  readonly stream?: NodeJS.WriteStream | undefined;
  /** Draw even where the stream is no terminal. Default false: nothing is written there. */
  readonly always?: boolean | undefined;
}

/** Several bars at once, one a line. */
export interface ProgressBars {
  add(label: string): ProgressBar;
  /** Ends the drawing; the bars stay as they are. */
  stop(): void;
}

const QUIET: ProgressBar = { update: () => undefined, finish: () => undefined };
const STEPS = 1000;

/**
 * Progress bars on a terminal; on anything else (a file, a pipe, CI) they draw nothing unless asked to.
 *
 * @example
 * const bars = await progressBars();
 * const bar = bars.add("boosting");
 * await model.fit(X, y, { onProgress: bar.update });
 * bar.finish();
 * bars.stop();
 */
export async function progressBars({
  stream = process.stderr,
  always = false,
}: ProgressBarsOptions = {}): Promise<ProgressBars> {
  if (!stream.isTTY && !always) return { add: () => QUIET, stop: () => undefined };
  const { default: cliProgress } = await import("cli-progress");
  const multi = new cliProgress.MultiBar({
    stream,
    format: " {bar} {percentage}% | {label} {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    noTTYOutput: always,
    notTTYSchedule: 200,
    emptyOnZero: true,
    gracefulExit: false,
  });
  return { add: (label) => barOf(multi, label), stop: () => multi.stop() };
}

function barOf(multi: MultiBar, label: string): ProgressBar {
  const bar = multi.create(STEPS, 0, { label, note: "" });
  return {
    update: ({ fraction, score }) => {
      const note = score === undefined || Number.isNaN(score) ? "" : `(${score.toPrecision(6)})`;
      bar.update(Math.round(Math.min(1, Math.max(0, fraction)) * STEPS), { note });
    },
    finish: (note = "") => {
      bar.update(STEPS, { note });
      bar.stop();
    },
  };
}

/** Options with progress, as every asynchronous method takes them. */
interface WithProgress<P extends BarState> {
  readonly onProgress?: ((progress: P) => void) | undefined;
}

/**
 * What `verbose: true` does: runs `body` with options whose progress also drives a bar on the terminal.
 */
export async function withProgressBar<P extends BarState, O extends WithProgress<P>, T>(
  label: string,
  options: O,
  body: (options: O) => Promise<T>,
  where: ProgressBarsOptions = {},
): Promise<T> {
  const bars = await progressBars(where);
  const bar = bars.add(label);
  const onProgress = (progress: P): void => {
    bar.update(progress);
    options.onProgress?.(progress);
  };
  try {
    const result = await body({ ...options, onProgress });
    bar.finish();
    return result;
  } finally {
    bars.stop();
  }
}
