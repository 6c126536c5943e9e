import { parseArgs } from "node:util";

/** What the command line says. */
export interface Options {
  /** CSV or Parquet file; undefined: OpenML, else simulated data. */
  readonly data: string | undefined;
  /** Do not ask OpenML. */
  readonly offline: boolean;
  /** Rows of simulated data. */
  readonly rows: number;
  /** Seed of the split and of simulated data. */
  readonly seed: number;
  /** Models trained at once and, shared out among them, threads; undefined: all cores. */
  readonly jobs: number | undefined;
  /** Where the report is written. */
  readonly report: string;
}

export const HELP = `Compares models on the credit-card fraud data.

  npm run example -- [options]

  --data FILE   a CSV or Parquet file with Time, V1 … V28, Amount, Class: Kaggle's creditcard.csv as it is
                (default: data set 1597 of openml.org, cached or downloaded; without a network simulated data)
  --offline     do not ask openml.org: its cached file, else simulated data
  --rows N      rows of simulated data (default 284807)
  --seed N      seed of the split and of simulated data (default 0)
  --jobs N      number of threads (default: all cores)
  --report FILE the page that is written (default report.html)
  --help        this text
`;

/** @throws Error for an option it does not know or a value that is no whole number. */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      offline: { type: "boolean", default: false },
      rows: { type: "string", default: "284807" },
      seed: { type: "string", default: "0" },
      jobs: { type: "string" },
      report: { type: "string", default: "report.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  return {
    data: values.data,
    offline: values.offline,
    rows: wholeNumber("--rows", values.rows, 1),
    seed: wholeNumber("--seed", values.seed, 0),
    jobs: values.jobs === undefined ? undefined : wholeNumber("--jobs", values.jobs, 1),
    report: values.report,
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} must be a whole number from ${least} on, got ${JSON.stringify(text)}`);
}
