/** c[0] + c[1] x + c[2] x² + … */
function polynomial(c: readonly number[], x: number): number {
  let sum = 0;
  for (let k = c.length - 1; k >= 0; k--) sum = sum * x + (c[k] as number);
  return sum;
}

const NEAR_ZERO = [18154.981253343561249, 1067.6894854603709582, 161.02823106855587881, 2.2352520354606839287];
const NEAR_ZERO_BELOW = [45507.789335026729956, 10260.932208618978205, 976.09855173777669322, 47.20258190468824187, 1];
const MIDDLE = [
  9842.7148383839780218, 11602.651437647350124, 6848.1904505362823326, 2494.5375852903726711, 597.27027639480026226,
  93.506656132177855979, 8.8831497943883759412, 0.39894151208813466764, 1.0765576773720192317e-8,
];
const MIDDLE_BELOW = [
  19685.429676859990727, 38912.003286093271411, 34900.952721145977266, 18615.571640885098091, 6485.558298266760755,
  1519.377599407554805, 235.38790178262499861, 22.266688044328115691, 1,
];
const OUTER = [
  2.9112874951168792e-5, 0.001421619193227893466, 0.022235277870649807, 0.1274011611602473639, 0.21589853405795699,
  0.02307344176494017303,
];
const OUTER_BELOW = [
  7.29751555083966205e-5, 0.00378239633202758244, 0.0659881378689285515, 0.468238212480865118, 1.28426009614491121, 1,
];
const SQRT_OF_32 = Math.sqrt(32);

/** The share of values up to x: W. J. Cody's rational approximations (1969), to about 16 digits. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const y = Math.abs(x);
  if (y <= 0.67448975) {
    const square = x * x;
    const top = polynomial(NEAR_ZERO, square) + 0.065682337918207449113 * square ** 4;
    return 0.5 + (x * top) / polynomial(NEAR_ZERO_BELOW, square);
  }
  const density = y > 40 ? 0 : gaussian(y);
  let tail: number;
  if (y <= SQRT_OF_32) {
    tail = (density * polynomial(MIDDLE, y)) / polynomial(MIDDLE_BELOW, y);
  } else {
    const inverse = 1 / (x * x);
    const ratio = (inverse * polynomial(OUTER, inverse)) / polynomial(OUTER_BELOW, inverse);
    tail = (density * (0.3989422804014327 - ratio)) / y;
  }
  return x < 0 ? tail : 1 - tail;
}

/** exp(-y² / 2), of which the rounding of y² is taken apart. */
function gaussian(y: number): number {
  const rounded = Math.trunc(y * 16) / 16;
  return Math.exp(-rounded * rounded * 0.5) * Math.exp(-(y - rounded) * (y + rounded) * 0.5);
}
