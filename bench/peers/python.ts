import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs a program to its end and returns what it printed. */
export function run(command: string, args: readonly string[]): string {
  const result = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 26 });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** The last line that a program printed, which is JSON. */
export function lastLine<T>(output: string): T {
  return JSON.parse(output.trim().split("\n").at(-1) as string) as T;
}

/** The Python of bench/peers/.venv, made with what requirements.txt names. */
export function python(): string {
  const venv = here(".venv");
  const interpreter = `${venv}/bin/python`;
  const stamp = `${venv}/requirements.txt`;
  const wanted = readFileSync(here("requirements.txt"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return interpreter;
  console.log("setting up the peers' Python environment (bench/peers/.venv) …");
  run("python3", ["-m", "venv", venv]);
  run(interpreter, ["-m", "pip", "install", "--quiet", "-r", here("requirements.txt")]);
  writeFileSync(stamp, wanted);
  return interpreter;
}

/** Versions of some packages, for the line that says what was measured. */
export function versions(interpreter: string, packages: readonly string[]): string {
  return run(interpreter, ["-m", "pip", "list", "--format=freeze"])
    .split("\n")
    .filter((line) => packages.includes(line.split("==")[0] as string))
    .join(", ");
}
