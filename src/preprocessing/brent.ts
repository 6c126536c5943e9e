// The least value of a function of one number, as SciPy finds it. A search yields where it wants to know the function and is
// told the value: so searches of many functions go on side by side, and a pass over the data answers all of them.

/** A search: yields x, is sent f(x), returns the x of the least value. */
export type Search = Generator<number, number, number>;

/** A search is over when the bounds are no farther apart: scipy.optimize.brent's. */
const TOLERANCE = 1.48e-8;
const MOST_STEPS = 500;
const GOLDEN_SECTION = 0.5 * (3 - Math.sqrt(5));

/** Between two bounds: scipy.optimize.fminbound. */
export function* searchWithin(low: number, high: number): Search {
  const root = Math.sqrt(2.2e-16);
  let [a, b] = [low, high];
  let [third, second, best] = Array<number>(3).fill(a + GOLDEN_SECTION * (b - a)) as [number, number, number];
  let [step, before] = [0, 0];
  let fBest = yield best;
  let [fSecond, fThird] = [fBest, fBest];
  for (let n = 1; n < MOST_STEPS; n++) {
    const middle = 0.5 * (a + b);
    const least = root * Math.abs(best) + TOLERANCE / 3;
    if (Math.abs(best - middle) <= 2 * least - 0.5 * (b - a)) break;
    let isGolden = true;
    if (Math.abs(before) > least) {
      const { p, q } = parabola(best, second, third, fBest, fSecond, fThird);
      const last = before;
      before = step;
      if (Math.abs(p) < Math.abs(0.5 * q * last) && p > q * (a - best) && p < q * (b - best)) {
        isGolden = false;
        step = p / q;
        const x = best + step;
        if (x - a < 2 * least || b - x < 2 * least) step = middle >= best ? least : -least;
      }
    }
    if (isGolden) {
      before = best >= middle ? a - best : b - best;
      step = GOLDEN_SECTION * before;
    }
    const x = best + (step >= 0 ? 1 : -1) * Math.max(Math.abs(step), least);
    const fx = yield x;
    if (fx <= fBest) {
      if (x >= best) a = best;
      else b = best;
      [third, fThird, second, fSecond, best, fBest] = [second, fSecond, best, fBest, x, fx];
    } else {
      if (x < best) a = x;
      else b = x;
      if (fx <= fSecond || second === best) [third, fThird, second, fSecond] = [second, fSecond, x, fx];
      else if (fx <= fThird || third === best || third === second) [third, fThird] = [x, fx];
    }
  }
  return best;
}

/** From two points on, downhill: scipy.optimize.brent with a bracket of two. */
export function* searchFrom(first: number, second: number): Search {
  const golden = 0.381966;
  const bracket = yield* bracketed(first, second);
  let [a, b] = [Math.min(bracket.a, bracket.c), Math.max(bracket.a, bracket.c)];
  let [x, w, v] = [bracket.b, bracket.b, bracket.b];
  let [fx, fw, fv] = [bracket.fb, bracket.fb, bracket.fb];
  let [before, step] = [0, 0];
  for (let n = 0; n < MOST_STEPS; n++) {
    const least = TOLERANCE * Math.abs(x) + 1e-11;
    const middle = 0.5 * (a + b);
    if (Math.abs(x - middle) < 2 * least - 0.5 * (b - a)) break;
    let isGolden = true;
    if (Math.abs(before) > least) {
      const { p, q } = parabola(x, w, v, fx, fw, fv);
      const last = before;
      before = step;
      if (p > q * (a - x) && p < q * (b - x) && Math.abs(p) < Math.abs(0.5 * q * last)) {
        isGolden = false;
        step = p / q;
        const u = x + step;
        if (u - a < 2 * least || b - u < 2 * least) step = middle >= x ? least : -least;
      }
    }
    if (isGolden) {
      before = x >= middle ? a - x : b - x;
      step = golden * before;
    }
    const u = Math.abs(step) < least ? x + (step >= 0 ? least : -least) : x + step;
    const fu = yield u;
    if (fu > fx) {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
    } else {
      if (u >= x) a = x;
      else b = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
    }
  }
  return x;
}

/** The step p / q to the least value of the parabola through three points. */
function parabola(
  x: number,
  w: number,
  v: number,
  fx: number,
  fw: number,
  fv: number,
): { readonly p: number; readonly q: number } {
  const r = (x - w) * (fx - fv);
  const s = (x - v) * (fx - fw);
  const p = (x - v) * s - (x - w) * r;
  const q = 2 * (s - r);
  return { p: q > 0 ? -p : p, q: Math.abs(q) };
}

interface Bracket {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly fb: number;
}

/** Three points of which the middle one is the lowest: scipy.optimize.bracket. */
function* bracketed(first: number, second: number): Generator<number, Bracket, number> {
  const golden = 1.618034;
  let [a, b] = [first, second];
  let fa = yield a;
  let fb = yield b;
  if (fa < fb) [a, b, fa, fb] = [b, a, fb, fa];
  let c = b + golden * (b - a);
  let fc = yield c;
  for (let n = 0; fc < fb && n <= 1000; n++) {
    const s = (b - a) * (fb - fc);
    const t = (b - c) * (fb - fa);
    const denominator = 2 * (Math.abs(t - s) < 1e-21 ? 1e-21 : t - s);
    const farthest = b + 110 * (c - b);
    let w = b - ((b - c) * t - (b - a) * s) / denominator;
    let fw: number;
    if ((w - c) * (b - w) > 0) {
      fw = yield w;
      if (fw < fc) return { a: b, b: w, c, fb: fw };
      if (fw > fb) return { a, b, c: w, fb };
      w = c + golden * (c - b);
      fw = yield w;
    } else if ((w - farthest) * (farthest - c) >= 0) {
      w = farthest;
      fw = yield w;
    } else if ((w - farthest) * (c - w) > 0) {
      fw = yield w;
      if (fw < fc) {
        [b, c, w] = [c, w, w + golden * (w - c)];
        [fb, fc] = [fc, fw];
        fw = yield w;
      }
    } else {
      w = c + golden * (c - b);
      fw = yield w;
    }
    [a, b, c, fa, fb, fc] = [b, c, w, fb, fc, fw];
  }
  return { a, b, c, fb };
}
