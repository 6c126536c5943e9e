export {
  eigh,
  lstsq,
  qr,
  solve,
  svd,
  svdRandomized,
  type LeastSquaresSolution,
  type Qr,
  type QrOptions,
  type Svd,
  type SvdOptions,
  type SvdRandomizedOptions,
} from "./decompositions.js";
export { corr, cov, gram, matmul, type CovOptions, type MatmulOptions } from "./products.js";
