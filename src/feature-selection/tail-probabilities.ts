// Probabilities of the tails of distributions: what p-values of scores are. Relative errors are about 1e-13, also far out,
// until the numbers themselves end (1e-308).

/**
 * The probability that a value of the F distribution of `dfn` and `dfd` degrees of freedom is greater than `f`
 * (scipy.special.fdtrc). NaN where there are no degrees of freedom, or f is NaN.
 */
export function fSurvival(f: number, dfn: number, dfd: number): number {
  if (!(dfn > 0 && dfd > 0) || Number.isNaN(f)) return NaN;
  if (f <= 0) return 1;
  const ratio = (dfn / dfd) * f;
  if (ratio === Infinity) return 0;
  return incompleteBeta(dfd / 2, dfn / 2, 1 / (1 + ratio), 1 / (1 + 1 / ratio));
}

/** The probability that a value of the chi² distribution of `df` degrees of freedom is greater than `x` (scipy.special.chdtrc). */
export function chi2Survival(x: number, df: number): number {
  if (!(df > 0) || Number.isNaN(x)) return NaN;
  if (x <= 0) return 1;
  return x === Infinity ? 0 : upperGamma(df / 2, x / 2);
}

/** Regularised incomplete beta function I_x(a, b); y is 1 - x, told so that neither loses digits. */
function incompleteBeta(a: number, b: number, x: number, y: number): number {
  // The fraction converges fast below the mean; above it the other tail is the smaller one.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, y, x);
  return betaPower(a, b, x, y) / betaFraction(a, b, x, y);
}

/** x^a y^b / B(a, b), by Stirling's formula, whose large terms cancel on paper (Didonato, Morris 1992). */
function betaPower(a: number, b: number, x: number, y: number): number {
  const sum = a + b;
  const apart = b * x - a * y;
  const exponent = a * logRatio(apart / a, (x * sum) / a) + b * logRatio(-apart / b, (y * sum) / b);
  const corrections = stirlingError(sum) - stirlingError(a) - stirlingError(b);
  return Math.sqrt((a * b) / (2 * Math.PI * sum)) * Math.exp(exponent + corrections);
}

/** The continued fraction of the incomplete beta function (Didonato, Morris 1992, equation 9). */
function betaFraction(a: number, b: number, x: number, y: number): number {
  return lentz((m) => {
    const at = a + 2 * m;
    const numerator = ((a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x) / (at - 1) ** 2;
    const rest = ((a + m) * (a * y - b * x + 1 + m * (2 - x))) / (at + 1);
    return [numerator, (m === 0 ? 0 : m + (m * (b - m) * x) / (at - 1)) + rest];
  });
}

/** Regularised upper incomplete gamma function Q(a, x). */
function upperGamma(a: number, x: number): number {
  const apart = x - a;
  const exponent = a * logRatio(apart / a, x / a) - apart;
  const power = Math.sqrt(a / (2 * Math.PI)) * Math.exp(exponent - stirlingError(a)); // x^a e^-x / Γ(a)
  if (x >= a + 1) return power / lentz((n) => [-n * (n - a), x - a + 1 + 2 * n]);
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return 1 - power * sum;
}

/** ln(ratio), where `apart` is ratio - 1 without the digits that the subtraction would lose. */
function logRatio(apart: number, ratio: number): number {
  return Math.abs(apart) < 0.5 ? Math.log1p(apart) : Math.log(ratio);
}

const TINY = 1e-300;

/** d0 + n1 / (d1 + n2 / (d2 + …)) of the [n, d] that `part` gives, by Lentz's method (Press et al., Numerical Recipes). */
function lentz(part: (m: number) => readonly [numerator: number, denominator: number]): number {
  let value = part(0)[1] || TINY;
  let c = value;
  let d = 0;
  for (let m = 1; m < 1e6; m++) {
    const [numerator, denominator] = part(m);
    d = 1 / (denominator + numerator * d || TINY);
    c = denominator + numerator / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < 2e-16) break;
  }
  return value;
}

/** What Stirling's formula (x - ½) ln x - x + ½ ln 2π lacks of ln Γ(x), x > 0. */
function stirlingError(x: number): number {
  if (x < 10) {
    let product = 1;
    let shifted = x;
    while (shifted < 10) product *= shifted++;
    return stirlingError(shifted) + stirling(shifted) - stirling(x) - Math.log(product);
  }
  const z = 1 / (x * x);
  const series = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
  return series.reduceRight((sum, coefficient) => sum * z + coefficient, 0) / x;
}

function stirling(x: number): number {
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI);
}
