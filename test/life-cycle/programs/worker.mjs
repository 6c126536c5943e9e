// Starts a TypeScript program in a worker_thread: Node 20's workers do not inherit `--import tsx`.
import { workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
await import(workerData.program);
