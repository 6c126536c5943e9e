import type { Command } from "commander";
import { UsageError } from "./terminal.js";

/** Adds a value to those of an option given several times; commas separate too. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").filter((part) => part !== "")];
}

/** Adds a value to those of an option given several times, as it is. */
export function another(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** A reader of whole numbers from `least` on. */
export function wholeNumber(option: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${option} must be a whole number from ${least} on, got ${JSON.stringify(text)}`);
  };
}

/** 0, a share below 1, or a number of rows. */
export function testSize(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && (value < 1 || Number.isSafeInteger(value))) return value;
  throw new UsageError(
    `--test-size must be a share such as 0.2, a number of rows, or 0 for none, got ${JSON.stringify(text)}`,
  );
}

function nJobs(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value !== 0) return value;
  throw new UsageError(`--jobs must be a whole number other than 0 (-1: all cores), got ${JSON.stringify(text)}`);
}

/** What every command takes. */
export function withCommon(command: Command): Command {
  return command
    .option("--jobs <n>", "threads; -1: all cores (default: all cores)", nJobs)
    .option("--memory-limit <size>", 'memory for data, such as "512MB"; more goes to temporary files')
    .option("--json", "one JSON document on stdout in place of text")
    .option("--quiet", "no talk, no progress, no warnings on stderr");
}

/** How a FILE is read. */
export function withTable(command: Command): Command {
  return command
    .option("--null <text>", "a text that stands for a missing value, besides the empty one (repeatable)", several)
    .option("--where <condition>", "only rows for which this SQL condition holds");
}

/** What is learned from, and how it is scored. */
export function withHoldOut(command: Command): Command {
  return withTable(command)
    .requiredOption("--target <column>", "the column to predict")
    .option("--drop <column>", "a column to leave out (repeatable)", several)
    .option("--test-size <share>", "share or number of the rows to test on; 0: none", testSize, 0.2)
    .option("--scoring <metric>", "a metric, such as averagePrecision (repeatable)", several)
    .option("--pos-label <label>", "the label that f1, precision, … are about (default: the greater of two)")
    .option("--random-state <n>", "seed of the split and of the models", wholeNumber("--random-state", 0), 0);
}
