// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Losses of generalised linear models over a tile of rows: half the unit deviance of the target y
// given the margin t, without the terms that depend on y alone (scikit-learn's _loss module). A row
// that weighs 0 gives exact zeros, even where its loss overflows.

static inline double Weighted(double value, double weight) noexcept {
  return weight > 0 ? value * weight : 0.0;
}

/// A point loss of loss-inl.h that is convex: its second derivative is the curvature.
template <typename Loss>
static void PointRows(const GlmRows& r) noexcept {
  for (std::int64_t i = 0; i < r.rows; ++i) {
    const Slope<double> slope = Loss::At(r.margin[i], r.target[i], 0.0);
    r.residual[i] = Weighted(slope.gradient, r.weight[i]);
    r.scratch[i] = Weighted(Loss::Value(r.margin[i], r.target[i], 0.0), r.weight[i]);
    if (r.curvature != nullptr) r.curvature[i] = Weighted(slope.hessian, r.weight[i]);
  }
  AddToLanes(r.scratch, r.rows, r.loss);
}

/// Half Tweedie deviance of a power p that is neither 1 nor 2, log link:
/// e^((2-p) t) / (2-p) - y e^((1-p) t) / (1-p). Where that is not convex the curvature is its
/// expectation, e^((2-p) t).
static void TweedieLogRows(const GlmRows& r) noexcept {
  const double a = 2.0 - r.parameters[0];
  const double b = 1.0 - r.parameters[0];
  const bool is_convex = a >= 0 && b <= 0;
  for (std::int64_t i = 0; i < r.rows; ++i) {
    const double first = Exp(a * r.margin[i]);
    const double second = r.target[i] * Exp(b * r.margin[i]);
    r.residual[i] = Weighted(first - second, r.weight[i]);
    r.scratch[i] = Weighted(first / a - second / b, r.weight[i]);
    if (r.curvature == nullptr) continue;
    r.curvature[i] = Weighted(is_convex ? a * first - b * second : first, r.weight[i]);
  }
  AddToLanes(r.scratch, r.rows, r.loss);
}

/// Half Tweedie deviance of a power p that is not 0, identity link: the margin is the mean t > 0
/// (the loss is infinite elsewhere); curvature t^-p, its expectation.
static void TweedieIdentityRows(const GlmRows& r) noexcept {
  const double p = r.parameters[0];
  for (std::int64_t i = 0; i < r.rows; ++i) {
    const double t = r.margin[i];
    const double y = r.target[i];
    const double log_t = Log(t);
    const double power = Exp(-p * log_t);
    double loss = t * t * power / (2.0 - p) - y * t * power / (1.0 - p);
    loss = p == 1.0 ? t - y * log_t : loss;
    loss = p == 2.0 ? log_t + y / t : loss;
    r.residual[i] = Weighted((t - y) * power, r.weight[i]);
    r.scratch[i] = Weighted(t > 0 ? loss : __builtin_inf(), r.weight[i]);
    if (r.curvature != nullptr) r.curvature[i] = Weighted(power, r.weight[i]);
  }
  AddToLanes(r.scratch, r.rows, r.loss);
}

/// Huber's loss with its scale s as an unknown (Huber and Ronchetti 2009, p. 172): s + H((t - y) /
/// s) s, where H(u) = u^2 for |u| <= epsilon, else 2 epsilon |u| - epsilon^2. Infinite for s <= 0.
/// It is homogeneous in (t - y, s), so its derivatives by s need only the column (y - t) / s beside
/// those of the data: the gradient is (sum of losses) / s + residuals * column, and the Hessian is
/// that of a least squares problem with this column.
static void HuberRows(const GlmRows& r) noexcept {
  const double epsilon = r.parameters[0];
  const double scale = r.parameters[1];
  const double inverse = 1.0 / scale;
  for (std::int64_t i = 0; i < r.rows; ++i) {
    const double u = (r.margin[i] - r.target[i]) * inverse;
    const double size = u < 0 ? -u : u;
    const bool is_inlier = size <= epsilon;
    const double slope = u < 0 ? -2.0 * epsilon : 2.0 * epsilon;
    const double h = is_inlier ? u * u : 2.0 * epsilon * size - epsilon * epsilon;
    r.scale_column[i] = -u;
    r.residual[i] = Weighted(is_inlier ? 2.0 * u : slope, r.weight[i]);
    r.scratch[i] = Weighted(scale > 0 ? scale * (1.0 + h) : __builtin_inf(), r.weight[i]);
    if (r.curvature == nullptr) continue;
    r.curvature[i] = is_inlier ? Weighted(2.0 * inverse, r.weight[i]) : 0.0;
  }
  AddToLanes(r.scratch, r.rows, r.loss);
}
