import { readFileSync } from "node:fs";
import type { Command, CommanderError } from "commander";
import { withConfig } from "../base/config.js";
import type { CompareOptions } from "./compare.js";
import type { DescribeOptions } from "./describe.js";
import type { FitOptions } from "./fit.js";
import { another, several, wholeNumber, withCommon, withHoldOut, withTable } from "./options.js";
import type { PredictOptions } from "./predict.js";
import type { ReportOptions } from "./report.js";
import {
  asUsage,
  endQuietlyOnClosedPipe,
  EXIT,
  tellError,
  tellWarnings,
  Terminal,
  type TalkOptions,
} from "./terminal.js";

interface CommonOptions extends TalkOptions {
  readonly jobs?: number;
  readonly memoryLimit?: string;
}

/** A command's work, on settings and with a terminal of its own. */
type Work<O> = (files: readonly string[], options: O, terminal: Terminal) => Promise<void>;

/** Runs the command line, speaks and sets the exit code: 0 ok, 1 failed, 2 wrong usage, 130 interrupted. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const stopped = (code: number) => (): void => {
    process.exitCode = code;
    stop.abort(new Error("interrupted"));
  };
  process.once("SIGINT", stopped(EXIT.interrupted));
  process.once("SIGTERM", stopped(EXIT.terminated));
  endQuietlyOnClosedPipe();
  try {
    const program = await makeProgram(stop.signal);
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    const code = (error as Partial<CommanderError>).code?.startsWith("commander.")
      ? (error as CommanderError).exitCode && EXIT.usage // commander has told
      : tellError(error);
    if (!stop.signal.aborted) process.exitCode = code;
  }
}

/** The commands. Each loads what it needs when it runs, so that --help is there at once. */
async function makeProgram(signal: AbortSignal): Promise<Command> {
  const { Command } = await import("commander");
  const program = new Command("treeline")
    .description("Machine learning on tables: describe, fit, compare and predict from the command line.")
    .version(version(), "-V, --version", "the version of treeline")
    .helpOption("-h, --help", "this text")
    .helpCommand("help [command]", "help for a command")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "treeline: ")) })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText("after", `\n${EXIT_CODES}`);
  const add = <O>(made: Command, work: Work<O>): Command =>
    withCommon(made).action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command;
      const options = command.opts<O & CommonOptions>();
      tellWarnings(options.quiet === true);
      const settings = { nJobs: options.jobs, memoryLimit: options.memoryLimit };
      const terminal = new Terminal(options, signal);
      const files = command.processedArgs.flat() as string[];
      await asUsage(() => withConfig(settings, () => work(files, options, terminal)));
    });
  addDescribe(program, add);
  addFit(program, add);
  addPredict(program, add);
  addCompare(program, add);
  addReport(program, add);
  return program;
}

type Add = <O>(made: Command, work: Work<O>) => Command;

const EXIT_CODES = `FILE is a CSV (plain or gzipped; - is stdin), a Parquet or an Arrow file. Data go to stdout, talk to stderr.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. TREELINE_DEBUG=1 shows where an error comes from.`;

function addDescribe(program: Command, add: Add): void {
  const command = withTable(program.command("describe"))
    .description("what the columns of a table hold: types, missing values, moments; the balance of a target's classes")
    .argument("<file>", "the table")
    .option("--target <column>", "count the classes of this column")
    .option("--approximate", "approximate distinct counts and quartiles, in constant memory")
    .addHelpText(
      "after",
      examples("treeline describe creditcard.csv --target Class", "cat new.csv | treeline describe -"),
    );
  add<DescribeOptions>(command, async ([file = ""], options, terminal) =>
    (await import("./describe.js")).describe(file, options, terminal),
  );
}

function addFit(program: Command, add: Add): void {
  const command = withHoldOut(program.command("fit"))
    .description(
      "fit a model, score it on rows it has not seen, and save it. Columns of texts become categories; missing values " +
        "are filled and numbers scaled where the model needs it",
    )
    .argument("<file>", "the table")
    .requiredOption("--model <name>", `a class such as LogisticRegression, or ${SHORT}`)
    .requiredOption("--out <model>", "where to save the model")
    .option("--params <json>", "parameters of the model as a JSON object")
    .option("--set <name=value>", "a parameter of the model (repeatable)", another)
    .addHelpText(
      "after",
      examples(
        "treeline fit creditcard.csv --target Class --model boosting --out fraud.treeline",
        "treeline fit houses.parquet --target price --model Ridge --set alpha=10 --scoring r2 --out houses.treeline",
      ),
    );
  add<FitOptions>(command, async ([file = ""], options, terminal) =>
    (await import("./fit.js")).fit(file, options, terminal),
  );
}

const SHORT = "boosting, forest, extraTrees, tree, logistic, linear, ridge, svm, bayes, neighbors, dummy";

function addPredict(program: Command, add: Add): void {
  const command = withTable(program.command("predict"))
    .description("predict every row of a table with a saved model, as CSV on stdout unless there is --out")
    .argument("<model>", "what treeline fit, or save(), wrote")
    .argument("<file>", "the table: the columns that the model learned from, by name; others do not matter")
    .option("--proba", "probabilities of the classes too")
    .option("--keep <column>", "a column of the table to give beside the predictions (repeatable)", several)
    .option("--out <file>", "where to write: .csv or .parquet")
    .addHelpText(
      "after",
      examples(
        "treeline predict fraud.treeline new.csv --proba --keep id --out scores.parquet",
        "treeline predict fraud.treeline new.csv | head",
      ),
    );
  add<PredictOptions>(command, async ([model = "", file = ""], options, terminal) =>
    (await import("./predict.js")).predict(model, file, options, terminal),
  );
}

function addCompare(program: Command, add: Add): void {
  const command = withHoldOut(program.command("compare"))
    .description("fit several models in parallel and score them on rows they have not seen: a table, best first")
    .argument("<file>", "the table")
    .option(
      "--models <names>",
      `classes, or ${SHORT}; separated by commas (default: some that suit the target)`,
      several,
    )
    .option("--set <model.name=value>", "a parameter of one of the models (repeatable)", another)
    .option("--cv <folds>", "cross-validate, in place of one test part", wholeNumber("--cv", 2))
    .option("--report <html>", "write the comparison as a page too")
    .addHelpText(
      "after",
      examples(
        "treeline compare creditcard.csv --target Class --models logistic,forest,boosting --report report.html",
        "treeline compare creditcard.csv --target Class --models tree,forest --set forest.nEstimators=500",
        "treeline compare houses.parquet --target price --cv 5 --scoring r2",
      ),
    );
  add<CompareOptions>(command, async ([file = ""], options, terminal) =>
    (await import("./compare.js")).compare(file, options, terminal),
  );
}

function addReport(program: Command, add: Add): void {
  const command = withTable(program.command("report"))
    .description("compare saved models on a table, as one HTML page")
    .argument("<files...>", "saved models, then the table")
    .usage("[options] <model...> <file>")
    .requiredOption("--target <column>", "the column that the models predict")
    .requiredOption("--out <html>", "where to write the page")
    .option("--title <text>", "its heading")
    .option("--pos-label <label>", "the label of the positive class (default: the greater of two)")
    .addHelpText("after", examples("treeline report a.treeline b.treeline test.csv --target Class --out report.html"));
  add<ReportOptions>(command, async (files, options, terminal) =>
    (await import("./report.js")).writeReport(files, options, terminal),
  );
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
