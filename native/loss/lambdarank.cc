#include "loss/lambdarank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "simd/kernels.h"

namespace treeline {

namespace {

/// The documents of a query, from the highest score down: scratch's arrays by rank.
void Rank(std::span<const double> gains, std::span<const double> scores,
          LambdarankScratch& scratch) {
  const std::size_t n = scores.size();
  scratch.order.resize(n);
  std::iota(scratch.order.begin(), scratch.order.end(), 0);
  std::stable_sort(scratch.order.begin(), scratch.order.end(),
                   [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
  scratch.scores.resize(n);
  scratch.gains.resize(n);
  for (std::size_t rank = 0; rank < n; ++rank) {
    scratch.scores[rank] = scores[scratch.order[rank]];
    scratch.gains[rank] = gains[scratch.order[rank]];
  }
  scratch.gradients.assign(n, 0);
  scratch.hessians.assign(n, 0);
}

/// The lower ranks whose gain differs from that of rank `i`, and how much the model doubts that the
/// better of the two is the better: 1 / (1 + exp(sigmoid × (its score - the other's))).
std::int64_t FindPairs(double sigmoid, std::int64_t i, LambdarankScratch& scratch) {
  const auto n = static_cast<std::int64_t>(scratch.scores.size());
  scratch.partners.resize(static_cast<std::size_t>(n));
  scratch.margins.resize(static_cast<std::size_t>(n));
  scratch.doubts.resize(static_cast<std::size_t>(n));
  const double gain = scratch.gains[i], score = scratch.scores[i];
  std::int64_t count = 0;
  for (std::int64_t j = i + 1; j < n; ++j) {
    const double other = scratch.gains[j];
    scratch.partners[count] = j;
    const double lead = sigmoid * (score - scratch.scores[j]);
    scratch.margins[count] = gain > other ? -lead : lead;
    count += other != gain;
  }
  simd::Active().math.sigmoid(scratch.margins.data(), count, scratch.doubts.data());
  return count;
}

/// Adds what the pairs of rank `i` with its partners pull and push. Returns the sum of the pulls.
double AddPairs(const LambdarankParams& params, std::int64_t i, std::int64_t n_pairs,
                double inverse_ideal, bool by_distance, const Discounts& discounts,
                LambdarankScratch& scratch) {
  const double gain = scratch.gains[i], score = scratch.scores[i];
  const double discount = discounts[i], sigmoid = params.sigmoid;
  double gradient = 0, hessian = 0, sum = 0;
  for (std::int64_t p = 0; p < n_pairs; ++p) {
    const std::int64_t j = scratch.partners[p];
    const double difference = gain - scratch.gains[j];
    double change = std::fabs(difference) * std::fabs(discount - discounts[j]) * inverse_ideal;
    if (by_distance) change /= 0.01 + std::fabs(score - scratch.scores[j]);
    const double doubt = scratch.doubts[p];
    const double pull = sigmoid * change * doubt;
    const double curve = sigmoid * pull * (1 - doubt);
    const double on_i = difference > 0 ? -pull : pull;  // the better one is pulled up
    gradient += on_i;
    hessian += curve;
    scratch.gradients[j] -= on_i;
    scratch.hessians[j] += curve;
    sum += pull;
  }
  scratch.gradients[i] += gradient;
  scratch.hessians[i] += hessian;
  return sum;
}

}  // namespace

void LambdaGradients(const LambdarankParams& params, std::span<const double> gains,
                     std::span<const double> scores, double inverse_ideal,
                     const Discounts& discounts, const CancelToken& cancel,
                     LambdarankScratch& scratch, double* gradients, double* hessians) {
  const auto n = static_cast<std::int64_t>(scores.size());
  Rank(gains, scores, scratch);
  const bool by_distance = params.norm && n > 0 && scratch.scores[0] != scratch.scores[n - 1];
  double sum = 0;
  for (std::int64_t i = 0; i < std::min(n - 1, params.truncation_level); ++i) {
    cancel.ThrowIfCancelled();
    const std::int64_t n_pairs = FindPairs(params.sigmoid, i, scratch);
    sum += 2 * AddPairs(params, i, n_pairs, inverse_ideal, by_distance, discounts, scratch);
  }
  const double factor = params.norm && sum > 0 ? std::log2(1 + sum) / sum : 1;
  for (std::int64_t rank = 0; rank < n; ++rank) {
    gradients[scratch.order[rank]] = factor * scratch.gradients[rank];
    hessians[scratch.order[rank]] = factor * scratch.hessians[rank];
  }
}

}  // namespace treeline
