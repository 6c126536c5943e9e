import type { CountingConsumer, JobOptions, PassConsumer } from "../native/addon.js";
import { compilePass } from "./compile.js";
import { checkAlive, type Node } from "./node.js";
import { PassRun } from "./run.js";

/** A native reduction of a matrix. */
export interface Request {
  readonly node: Node;
  /** Columns of the matrix to reduce, in any order; default: each once. */
  readonly columns?: readonly number[];
  /** What kind of numbers (native/addon-chunked.ts), and what it needs to know. */
  readonly consumer: ConsumerKind;
}

export type ConsumerKind = { readonly kind: "sum" | "moments" | "extremes" } | CountingConsumer;

/**
 * Answers requests, in order, each with its numbers. Equal requests are answered once; those over equally many rows share a
 * pass.
 */
export async function runRequests(
  requests: readonly Request[],
  where: string,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<(readonly Float64Array[])[]> {
  checkAlive(
    requests.map(({ node }) => node),
    where,
  );
  const distinct: Request[] = [];
  const indices = requests.map((request) => {
    const found = distinct.findIndex(
      ({ node, consumer }) =>
        node === request.node && !("groups" in consumer) && consumer.kind === request.consumer.kind,
    );
    return found >= 0 ? found : distinct.push(request) - 1;
  });
  const answers: (readonly Float64Array[])[] = [];
  for (const rows of new Set(distinct.map(({ node }) => node.rows))) {
    const shared = distinct.filter(({ node }) => node.rows === rows);
    const results = await runShared(shared, where, job, signal);
    shared.forEach((request, i) => (answers[distinct.indexOf(request)] = results[i] as Float64Array[]));
  }
  return indices.map((i) => answers[i] as Float64Array[]);
}

async function runShared(
  requests: readonly Request[],
  where: string,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<(readonly Float64Array[])[]> {
  const matrices = [...new Set(requests.map(({ node }) => node))];
  const compiled = compilePass(matrices);
  const consumers = requests.map(({ node, columns, consumer }): PassConsumer => {
    const first = compiled.firstOutput[matrices.indexOf(node)] as number;
    const reduced = columns ?? Array.from({ length: node.cols }, (_, j) => j);
    return { ...consumer, outputs: Int32Array.from(reduced, (j) => first + j) };
  });
  const run = new PassRun(compiled, consumers, where, signal);
  try {
    await run.advance(compiled.rows, [], job);
  } finally {
    await run.close();
  }
  return run.results() as (readonly Float64Array[])[];
}
