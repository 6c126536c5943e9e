import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How an example ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunExampleOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Called with all that is on stdout so far. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** Runs examples/`file` on the sources. */
export function runExample(file: string, args: readonly string[], options: RunExampleOptions = {}): Promise<Ended> {
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, `${root}examples/${file}`, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, TSX_TSCONFIG_PATH: `${root}tsconfig.json`, ...options.env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => {
    stdout += text.toString();
    options.onOutput?.(stdout, child);
  });
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
