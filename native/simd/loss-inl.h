// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// Point losses: value, gradient and hessian of one row from its raw prediction and its target, free
// of branches, so that loops over them become vectors. T is float where results are rounded to 16
// bits anyway (gradient-inl.h), double where they are not. Squared error, Poisson, gamma, quantile
// and absolute error are scikit-learn's (sklearn/_loss/_loss.pyx.tp), Huber, fair, MAPE and tweedie
// LightGBM's (regression_objective.hpp).

template <typename T>
struct Slope {
  T gradient;
  T hessian;
};

static inline double Magnitude(double x) noexcept { return x < 0.0 ? -x : x; }

/// 1/2 (raw - y)^2
struct SquaredErrorLoss {
  static double Value(double raw, double y, double) noexcept { return 0.5 * (y - raw) * (y - raw); }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    return {static_cast<T>(raw - y), T{1}};
  }
};

/// |raw - y|
struct AbsoluteErrorLoss {
  static double Value(double raw, double y, double) noexcept { return Magnitude(raw - y); }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    return {raw > y ? T{1} : T{-1}, T{1}};
  }
};

/// The pinball loss of a quantile q: q (y - raw) where y is above raw, else (1 - q) (raw - y).
struct QuantileLoss {
  static double Value(double raw, double y, double q) noexcept {
    return y >= raw ? q * (y - raw) : (1.0 - q) * (raw - y);
  }
  template <typename T>
  static Slope<T> At(double raw, double y, T q) noexcept {
    return {y >= raw ? -q : T{1} - q, T{1}};
  }
};

/// Squared up to an error of delta, linear beyond.
struct HuberLoss {
  static double Value(double raw, double y, double delta) noexcept {
    const double error = Magnitude(raw - y);
    return error <= delta ? 0.5 * error * error : delta * (error - 0.5 * delta);
  }
  template <typename T>
  static Slope<T> At(double raw, double y, T delta) noexcept {
    T error = static_cast<T>(raw - y);
    error = error < -delta ? -delta : error;
    error = error > delta ? delta : error;
    return {error, T{1}};
  }
};

/// c |e| - c^2 ln(1 + |e| / c), e = raw - y
struct FairLoss {
  static double Value(double raw, double y, double c) noexcept {
    const double error = Magnitude(raw - y);
    return c * (error - c * Log(1.0 + error / c));
  }
  template <typename T>
  static Slope<T> At(double raw, double y, T c) noexcept {
    const T error = static_cast<T>(raw - y);
    const T shrink = c / ((error < T{0} ? -error : error) + c);
    return {error * shrink, shrink * shrink};
  }
};

/// |raw - y| / max(1, |y|)
struct MapeLoss {
  static double Value(double raw, double y, double) noexcept {
    const double size = Magnitude(y);
    return Magnitude(raw - y) / (size > 1.0 ? size : 1.0);
  }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    const T size = static_cast<T>(Magnitude(y));
    const T weight = T{1} / (size > T{1} ? size : T{1});
    return {raw > y ? weight : -weight, T{1}};
  }
};

/// Half the Poisson deviance of a mean e^raw, without what depends on y alone: e^raw - y raw.
struct PoissonLoss {
  static double Value(double raw, double y, double) noexcept { return Exp(raw) - y * raw; }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    const T mean = Exp(static_cast<T>(raw));
    return {mean - static_cast<T>(y), mean};
  }
};

/// Half the gamma deviance of a mean e^raw, without what depends on y alone: raw + y e^-raw.
struct GammaLoss {
  static double Value(double raw, double y, double) noexcept { return raw + y * Exp(-raw); }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    const T ratio = static_cast<T>(y) * Exp(static_cast<T>(-raw));
    return {T{1} - ratio, ratio};
  }
};

/// Half the deviance of variance mean^power for a mean e^raw, 1 < power < 2, without what depends
/// on y alone: e^((2-p) raw) / (2-p) - y e^((1-p) raw) / (1-p).
struct TweedieLoss {
  static double Value(double raw, double y, double power) noexcept {
    return Exp((2.0 - power) * raw) / (2.0 - power) - y * Exp((1.0 - power) * raw) / (1.0 - power);
  }
  template <typename T>
  static Slope<T> At(double raw, double y, T power) noexcept {
    const T a = static_cast<T>(y) * Exp((T{1} - power) * static_cast<T>(raw));
    const T b = Exp((T{2} - power) * static_cast<T>(raw));
    return {b - a, (T{2} - power) * b - (T{1} - power) * a};
  }
};

/// Cross-entropy of a probability 1 / (1 + e^-raw) and a target in [0, 1], up to the entropy of the
/// target.
struct LogLoss {
  static double Value(double raw, double y, double) noexcept { return Log1pExp(raw) - y * raw; }
  template <typename T>
  static Slope<T> At(double raw, double y, T) noexcept {
    const T p = Sigmoid(static_cast<T>(raw));
    return {p - static_cast<T>(y), p * (T{1} - p)};
  }
};

template <typename Loss>
static void LossValues(const double* raw, const double* targets, std::int64_t n, double parameter,
                       double* losses) noexcept {
  for (std::int64_t i = 0; i < n; ++i) losses[i] = Loss::Value(raw[i], targets[i], parameter);
}

template <typename Loss>
static void LossSlopes(const double* raw, const double* targets, std::int64_t n, double parameter,
                       double* gradients, double* hessians) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    const Slope<double> slope = Loss::At(raw[i], targets[i], parameter);
    gradients[i] = slope.gradient;
    hessians[i] = slope.hessian;
  }
}

template <typename... Losses>
struct LossList {};

/// In the order of LossKind.
using PointLosses = LossList<SquaredErrorLoss, AbsoluteErrorLoss, QuantileLoss, HuberLoss, FairLoss,
                             MapeLoss, PoissonLoss, GammaLoss, TweedieLoss, LogLoss, LogLoss>;

template <typename... Losses>
static consteval LossKernels MakeLossKernels(LossList<Losses...>) {
  static_assert(sizeof...(Losses) == kPointLosses);
  return {{LossValues<Losses>...}, {LossSlopes<Losses>...}};
}
