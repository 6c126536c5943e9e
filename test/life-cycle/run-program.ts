import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function pathOf(program: string): string {
  return fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url));
}

/** Runs test/life-cycle/programs/<program>.ts in a process of its own, with the flags of this one. */
export function runProgram(program: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [...process.execArgv, pathOf(program), ...args], {
    env: { ...process.env, ...env },
  });
  return ended(child);
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Starts such a program and kills it, without warning, when it says its first word; resolves to the signal it died of. */
export function killInTheMiddle(program: string, args: string[]): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [...process.execArgv, pathOf(program), ...args]);
  child.stdout.once("data", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => resolve(signal));
  });
}

/** Runs such a program where no file may grow beyond a megabyte: its write fails as on a full disk. Not on Windows. */
export function runOnFullDisk(program: string, args: string[]): Promise<Ended> {
  // The signal that comes with more is ignored, so that the write fails. A preloaded sanitizer is for the program alone.
  const { LD_PRELOAD: preload = "", ...env } = process.env;
  const limited = 'trap "" XFSZ; ulimit -f 2048; exec env LD_PRELOAD="$0" "$@"';
  return ended(
    spawn("/bin/sh", ["-c", limited, preload, process.execPath, ...process.execArgv, pathOf(program), ...args], {
      env,
    }),
  );
}

/** The same in a worker_thread. */
export function startWorker(program: string, input?: unknown): Worker {
  const start = new URL("./programs/worker.mjs", import.meta.url);
  return new Worker(start, { workerData: { program: pathOf(program), input } });
}

/** The first message of a worker. */
export function firstMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code} before it spoke`)));
  });
}
