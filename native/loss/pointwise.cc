#include "loss/pointwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kStrip = 1024;
using Strip = std::array<double, kStrip>;

/// What makes a raw prediction of the mean.
enum class Link { kIdentity, kLog, kLogit, kSoftmax };

Link LinkOf(LossKind kind) noexcept {
  switch (kind) {
    case LossKind::kPoisson:
    case LossKind::kGamma:
    case LossKind::kTweedie: return Link::kLog;
    case LossKind::kCrossEntropy:
    case LossKind::kLogLoss: return Link::kLogit;
    case LossKind::kMultinomial: return Link::kSoftmax;
    default: return Link::kIdentity;
  }
}

/// Largest raw prediction of every row.
void RowMaxima(std::span<const double* const> scores, std::int64_t n, double* top) {
  std::copy(scores[0], scores[0] + n, top);
  for (std::size_t k = 1; k < scores.size(); ++k) {
    for (std::int64_t i = 0; i < n; ++i) top[i] = std::max(top[i], scores[k][i]);
  }
}

void RowLosses(const Loss& loss, std::span<const double* const> scores, const double* targets,
               std::int64_t n, double* losses) {
  const simd::MathKernels& math = simd::Active().math;
  if (loss.kind != LossKind::kMultinomial) {
    const auto values = simd::Active().losses.values[static_cast<int>(loss.kind)];
    return values(scores[0], targets, n, loss.parameter, losses);
  }
  Strip top, terms, total{};
  RowMaxima(scores, n, top.data());
  for (const double* score : scores) {
    for (std::int64_t i = 0; i < n; ++i) terms[i] = score[i] - top[i];
    math.exp(terms.data(), n, terms.data());
    for (std::int64_t i = 0; i < n; ++i) total[i] += terms[i];
  }
  math.log(total.data(), n, total.data());
  for (std::int64_t i = 0; i < n; ++i)
    losses[i] = total[i] + top[i] - scores[static_cast<std::size_t>(targets[i])][i];
}

void BinaryProbabilities(const double* raw, std::int64_t n, double* out) {
  Strip p;
  for (std::int64_t begin = 0; begin < n; begin += kStrip) {
    const std::int64_t count = std::min(kStrip, n - begin);
    simd::Active().math.sigmoid(raw + begin, count, p.data());
    for (std::int64_t i = 0; i < count; ++i) {
      out[2 * (begin + i)] = 1 - p[i];
      out[2 * (begin + i) + 1] = p[i];
    }
  }
}

void Softmax(const double* raw, std::int64_t n, std::int64_t n_outputs, double* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = raw + i * n_outputs;
    double* to = out + i * n_outputs;
    const double top = *std::max_element(row, row + n_outputs);
    for (std::int64_t k = 0; k < n_outputs; ++k) to[k] = row[k] - top;
    simd::Active().math.exp(to, n_outputs, to);
    double total = 0;
    for (std::int64_t k = 0; k < n_outputs; ++k) total += to[k];
    for (std::int64_t k = 0; k < n_outputs; ++k) to[k] /= total;
  }
}

}  // namespace

bool HasConstantHessian(LossKind kind) noexcept {
  return kind == LossKind::kSquaredError || kind == LossKind::kAbsoluteError ||
         kind == LossKind::kQuantile || kind == LossKind::kHuber || kind == LossKind::kMape;
}

std::optional<double> RenewalQuantile(const Loss& loss) noexcept {
  if (loss.kind == LossKind::kQuantile) return loss.parameter;
  if (loss.kind == LossKind::kAbsoluteError || loss.kind == LossKind::kMape) return 0.5;
  return std::nullopt;
}

double RenewalWeight(LossKind kind, double y) noexcept {
  return kind == LossKind::kMape ? 1 / std::max(1.0, std::fabs(y)) : 1;
}

LossSum SumLoss(const Loss& loss_function, std::span<const double* const> scores,
                const double* targets, const float* weights, std::int64_t n) {
  Strip losses;
  RowLosses(loss_function, scores, targets, n, losses.data());
  constexpr int kLanes = 8;  // a fixed order of additions
  std::array<double, kLanes> loss{}, weight{};
  for (std::int64_t i = 0; i < n; ++i) {
    const double w = weights != nullptr ? static_cast<double>(weights[i]) : 1.0;
    loss[i % kLanes] += w * losses[i];
    weight[i % kLanes] += w;
  }
  LossSum sum;
  for (int lane = 0; lane < kLanes; ++lane) {
    sum.loss += loss[lane];
    sum.weight += weight[lane];
  }
  return sum;
}

std::vector<double> BestConstant(LossKind kind, std::span<const double> means) {
  std::vector<double> constant(means.begin(), means.end());
  constexpr double kEps = std::numeric_limits<double>::epsilon();
  const Link link = LinkOf(kind);
  if (link == Link::kIdentity) return constant;
  double mean_log = 0;
  for (double& p : constant) {
    if (link == Link::kLog) {
      p = std::log(std::max(p, 10 * kEps));
      continue;
    }
    p = std::clamp(p, kEps, 1 - kEps);
    if (link == Link::kLogit) {
      p = std::log(p / (1 - p));
    } else {
      p = std::log(p);
      mean_log += p / static_cast<double>(constant.size());
    }
  }
  for (double& value : constant) value -= mean_log;
  return constant;
}

void RawToResponse(LossKind kind, const double* raw, std::int64_t n, std::int64_t n_outputs,
                   double* out) {
  const simd::MathKernels& math = simd::Active().math;
  if (kind == LossKind::kLogLoss) return BinaryProbabilities(raw, n, out);
  switch (LinkOf(kind)) {
    case Link::kIdentity: std::copy_n(raw, n * n_outputs, out); return;
    case Link::kLog: math.exp(raw, n * n_outputs, out); return;
    case Link::kLogit: math.sigmoid(raw, n * n_outputs, out); return;
    case Link::kSoftmax: return Softmax(raw, n, n_outputs, out);
  }
}

}  // namespace treeline
