/** Points of a line, in drawing order. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Pixels by which a thinned line may be off. Screens and prints show nothing of a tenth of one. */
const TOLERANCE = 0.1;

/**
 * The line with as few of its points as draw the same picture: every point left out lies within a tenth of a pixel of the
 * line that remains. First points next to one kept are dropped (half of the tolerance), then those near the chord between
 * two kept ones (the other half: Douglas and Peucker 1973). The first and the last point stay. Curves over thresholds have
 * a point for each of 100,000 scores; a picture shows some hundred.
 *
 * @param scale pixels for a unit of x and of y.
 */
export function thinned(line: Line, scale: readonly [number, number]): Line {
  const near = apart(line, scale, TOLERANCE / 2);
  return take(line, chords(line, near, scale, TOLERANCE / 2));
}

/** Steps as a line with corners: from a point along x to the next one's x, then along y. */
export function withCorners({ x, y }: Line): Line {
  const n = Math.max(0, 2 * x.length - 1);
  const out = { x: new Float64Array(n), y: new Float64Array(n) };
  for (let k = 0; k < x.length; k++) {
    out.x[2 * k] = x[k] as number;
    out.y[2 * k] = y[k] as number;
    if (k + 1 < x.length) {
      out.x[2 * k + 1] = x[k + 1] as number;
      out.y[2 * k + 1] = y[k] as number;
    }
  }
  return out;
}

function take({ x, y }: Line, kept: readonly number[]): Line {
  return { x: Float64Array.from(kept, (k) => x[k] as number), y: Float64Array.from(kept, (k) => y[k] as number) };
}

/** Indices of points that are at least `distance` from the one kept before. */
function apart({ x, y }: Line, [sx, sy]: readonly [number, number], distance: number): number[] {
  const last = x.length - 1;
  const kept: number[] = [];
  for (let k = 0; k <= last; k++) {
    const before = kept[kept.length - 1];
    const far =
      before === undefined ||
      Math.hypot(((x[k] as number) - (x[before] as number)) * sx, ((y[k] as number) - (y[before] as number)) * sy) >
        distance;
    if (far || k === last) kept.push(k);
  }
  return kept;
}

/** Of the indices those that a line through the others would miss by more than `distance`. */
function chords(
  { x, y }: Line,
  indices: readonly number[],
  [sx, sy]: readonly [number, number],
  distance: number,
): number[] {
  if (indices.length <= 2) return [...indices];
  const px = Float64Array.from(indices, (k) => (x[k] as number) * sx);
  const py = Float64Array.from(indices, (k) => (y[k] as number) * sy);
  const keep = new Uint8Array(indices.length);
  keep[0] = keep[indices.length - 1] = 1;
  const open: [number, number][] = [[0, indices.length - 1]];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [from, to] = part;
    let [most, at] = [distance, -1];
    for (let k = from + 1; k < to; k++) {
      const off = offSegment(px, py, from, to, k);
      if (off > most) [most, at] = [off, k];
    }
    if (at < 0) continue;
    keep[at] = 1;
    open.push([from, at], [at, to]);
  }
  return indices.filter((_, k) => keep[k] === 1);
}

/** Distance of point k from the segment between two others. */
function offSegment(px: Float64Array, py: Float64Array, from: number, to: number, k: number): number {
  const [ax, ay] = [px[from] as number, py[from] as number];
  const [dx, dy] = [(px[to] as number) - ax, (py[to] as number) - ay];
  const [ex, ey] = [(px[k] as number) - ax, (py[k] as number) - ay];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, (ex * dx + ey * dy) / length));
  return Math.hypot(ex - t * dx, ey - t * dy);
}
