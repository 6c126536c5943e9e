import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where } from "../chunked/elementwise.js";

// The power transformations as expressions, a lambda for each column. Both are expm1(a log) / a of a logarithm: Box and
// Cox's of log(x) with a = lambda; Yeo and Johnson's of log(1 + |x|) with a = lambda, or 2 - lambda below 0, and x's sign.

/** For a = 0: so small that expm1(a x) / a and log1p(a x) / a are x. */
const NEARLY_ZERO = 1e-200;

function powers(lambdas: Float64Array): Float64Array {
  return lambdas.map((lambda) => (Math.abs(lambda) < Number.EPSILON ? NEARLY_ZERO : lambda));
}

/** Of each value the power that counts on its side of 0. */
function sidedPowers(X: ChunkedMatrix, lambdas: Float64Array): ChunkedMatrix {
  return where(X.greaterEqual(0), powers(lambdas), powers(lambdas.map((lambda) => 2 - lambda)));
}

/** sign(x) log(1 + |x|). */
export function signedLog(X: ChunkedMatrix): ChunkedMatrix {
  return X.sign().multiply(X.abs().log1p());
}

/** Yeo and Johnson's of x, given signedLog(x). */
export function yeoJohnson(logs: ChunkedMatrix, lambdas: Float64Array): ChunkedMatrix {
  const a = sidedPowers(logs, lambdas);
  return logs.abs().multiply(a).expm1().divide(a).multiply(logs.sign());
}

export function inverseYeoJohnson(Z: ChunkedMatrix, lambdas: Float64Array): ChunkedMatrix {
  const a = sidedPowers(Z, lambdas);
  return Z.abs().multiply(a).log1p().divide(a).expm1().multiply(Z.sign());
}

/** Box and Cox's of x, given log(x). */
export function boxCox(logs: ChunkedMatrix, lambdas: Float64Array): ChunkedMatrix {
  const a = powers(lambdas);
  return logs.multiply(a).expm1().divide(a);
}

export function inverseBoxCox(Z: ChunkedMatrix, lambdas: Float64Array): ChunkedMatrix {
  const a = powers(lambdas);
  return Z.multiply(a).log1p().divide(a).exp();
}
