import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Matrix } from "treeline";

// What benches beside Python share that measure one fit in a process of its own.

/** A part of a table that bench/peers/tables.ts wrote. */
export function readPart(folder: string, part: "train" | "test"): { X: Matrix; y: Float64Array } {
  const bytes = (name: string): ArrayBuffer => Uint8Array.from(readFileSync(join(folder, name))).buffer;
  const { cols, dtype } = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as {
    cols: number;
    dtype: string;
  };
  const raw = bytes(`X_${part}.bin`);
  const values = dtype === "float32" ? new Float32Array(raw) : new Float64Array(raw);
  return { X: new Matrix(values, [values.length / cols, cols]), y: new Float64Array(bytes(`y_${part}.bin`)) };
}

/** A line of /proc/self/status in MB; NaN where there is no such file. */
export function status(line: "VmRSS" | "VmHWM"): number {
  try {
    const [, kilobytes] = new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return NaN;
  }
}

/** Memory in use now; the peak counts from here on. */
export function startPeak(): number {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    return NaN;
  }
  return status("VmRSS");
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;
