import { spawn } from "node:child_process";
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
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
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
