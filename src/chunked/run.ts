import { invalidData } from "../base/errors.js";
import { stageChunk } from "../data/row-source.js";
import type { BlockHandle, Chunk, JobOptions, PassConsumer, PassHandle, PassTarget } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { CompiledPass } from "./compile.js";
import type { StreamNode } from "./node.js";

/** A pass on its way: streams are read as far as the rows asked for need them. */
export class PassRun {
  readonly #compiled: CompiledPass;
  readonly #pass: PassHandle;
  readonly #streams: Stream[];
  readonly #where: string;
  #done = 0;

  constructor(compiled: CompiledPass, consumers: readonly PassConsumer[], where: string, signal?: AbortSignal) {
    this.#compiled = compiled;
    this.#where = where;
    this.#pass = addon().createPass({
      sources: compiled.sources.map((source) =>
        source.kind === "store" ? { store: source.store.handle } : { cols: source.cols, dtype: source.dtype },
      ),
      pieces: compiled.pieces,
      nOutputs: compiled.nOutputs,
      consumers,
    });
    this.#streams = compiled.sources.flatMap((source, i) =>
      source.kind === "stream" ? [new Stream(source, i, signal)] : [],
    );
  }

  /** Computes the rows up to `until`, a multiple of 1,024 or the last one. */
  async advance(until: number, targets: readonly PassTarget[], job: JobOptions): Promise<void> {
    const native = addon();
    this.#done = await native.passAdvance(this.#pass, { until, targets }, job);
    while (this.#done < until) {
      const stream = this.#neediest();
      const block = await stream.take();
      if (block === undefined) throw this.#tooShort(stream);
      const computing = native.passAdvance(this.#pass, { until, source: stream.index, block, targets }, job);
      this.#neediest().readAhead(); // the next chunk, while this one is worked on
      this.#done = await computing;
    }
  }

  results(): (readonly Float64Array[] | undefined)[] {
    return addon().passResults(this.#pass);
  }

  /** Ends the reading of streams. */
  async close(): Promise<void> {
    for (const stream of this.#streams) await stream.close();
  }

  /** The stream that is furthest behind. */
  #neediest(): Stream {
    return this.#streams.reduce((a, b) => (b.rows < a.rows ? b : a));
  }

  #tooShort(stream: Stream): Error {
    const { label, rows } = stream.node;
    return invalidData(
      `${this.#where}: ${label} gave ${stream.rows} rows in this pass, but has ${rows}: a table must be the same in every pass ` +
        `(row ${this.#done} of ${this.#compiled.rows} was reached)`,
    );
  }
}

/** Reads a table chunk by chunk, one chunk ahead. */
class Stream {
  readonly node: StreamNode;
  readonly index: number;
  /** Rows taken. */
  rows = 0;
  readonly #chunks: AsyncIterator<Chunk> | Iterator<Chunk>;
  #ahead: Promise<{ block: BlockHandle; rows: number } | undefined> | undefined;

  constructor(node: StreamNode, index: number, signal: AbortSignal | undefined) {
    this.node = node;
    this.index = index;
    const chunks = node.source.chunks(signal);
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  readAhead(): void {
    if (this.rows >= this.node.rows) return;
    this.#ahead ??= this.#read();
    this.#ahead.catch(() => undefined); // it is awaited by take()
  }

  /** The next rows; undefined at the end. */
  async take(): Promise<BlockHandle | undefined> {
    const reading = this.#ahead ?? this.#read();
    this.#ahead = undefined;
    const chunk = await reading;
    this.rows += chunk?.rows ?? 0;
    return chunk?.block;
  }

  async close(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
    await this.#chunks.return?.();
  }

  async #read(): Promise<{ block: BlockHandle; rows: number } | undefined> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      const chunk: Chunk = next.value;
      if (chunk.rows > 0) return { block: stageChunk(chunk), rows: chunk.rows };
    }
  }
}
