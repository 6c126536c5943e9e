#include "linear/quantile_rows.h"

#include <algorithm>
#include <cmath>

#include "linear/quantile_pass.h"

namespace treeline {

template <typename Part, typename Body>
std::vector<Part> QuantileRows::ForParts(Body&& body) const {
  std::vector<Part> parts(static_cast<std::size_t>(problem_.slots() + 1));
  ctx_.ParallelFor(problem_.slots(), [&](std::int64_t s, int) {
    body(parts[s], s * kSlotRows, std::min(problem_.rows(), (s + 1) * kSlotRows));
  });
  body(parts.back(), problem_.rows(), problem_.constraints());
  return parts;
}

QuantileRows::QuantileRows(const QuantileProblem& problem, const Context& ctx)
    : problem_(problem), ctx_(ctx) {
  const auto size = static_cast<std::size_t>(problem.constraints());
  for (std::vector<double>* each :
       {&x_, &s_, &z_, &w_, &r_, &margin_, &data_.weights, &data_.targets})
    each->resize(size);
  data_.table = problem.table;
  data_.fit_intercept = problem.fit_intercept;
  struct Part {
    double weight = 0;
    double sum = 0;
  };
  Part total;
  const auto add = [&](Part& part, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const double range = problem_.Lower(i) + problem_.Upper(i);
      r_[i] = problem_.Target(i);
      if (i < problem_.rows()) part.weight += range;
      if (i < problem_.rows()) part.sum += range * std::abs(r_[i]);
    }
  };
  for (const Part& part : ForParts<Part>(add)) {
    total.weight += part.weight;
    total.sum += part.sum;
  }
  const double away = total.sum > 0 ? total.sum / total.weight : 1;
  struct None {};
  ForParts<None>([&](None&, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      x_[i] = problem_.Lower(i);
      s_[i] = problem_.Upper(i);
      w_[i] = std::max(r_[i], 0.0) + away;
      z_[i] = std::max(-r_[i], 0.0) + away;
    }
  });
  Settle();
}

/// Writes Q and r + d / Q, and sums up where it stands.
void QuantileRows::Settle() {
  const auto parts = ForParts<Standing>([&](Standing& part, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      double& q = data_.weights[i];
      q = x_[i] > 0 && s_[i] > 0 ? 1 / (w_[i] / s_[i] + z_[i] / x_[i]) : 0;
      if (!(q > 0)) continue;
      data_.targets[i] = r_[i] + multiplier(i) / q;
      part.loss += problem_.Loss(i, r_[i]);
      part.gap += x_[i] * z_[i] + s_[i] * w_[i];
      part.count += 1;
    }
  });
  standing_ = {};
  for (const Standing& part : parts) {
    standing_.loss += part.loss;
    standing_.gap += part.gap;
    standing_.count += part.count;
  }
}

void QuantileRows::Normal(std::vector<double>& matrix, std::vector<double>& right) {
  const std::int64_t cols = problem_.cols();
  const std::int64_t width = cols + 1;
  const std::int64_t size = problem_.size();
  std::vector<double> shift = problem_.shift;
  shift.push_back(0);
  const GramSums sums = SumGram(data_, shift, RowFilter{}, ctx_);
  matrix.assign(static_cast<std::size_t>(size * size), 0.0);
  std::vector<double> column(static_cast<std::size_t>(cols + 1));
  for (std::int64_t k = 0; k < size; ++k) {
    const bool is_intercept = k == static_cast<std::int64_t>(problem_.columns.size());
    const std::int64_t j = is_intercept ? 0 : problem_.columns[k];
    const double* from = is_intercept ? sums.sums.data() : sums.products.data() + j * width;
    std::copy_n(from, cols, column.data());
    column[cols] = is_intercept ? sums.weight : sums.sums[j];
    const std::vector<double> row = problem_.Gather(column.data());
    const double factor = is_intercept ? 1 : problem_.factor[j];
    for (std::int64_t l = 0; l < size; ++l) matrix[k * size + l] = row[l] * factor;
  }
  std::copy_n(sums.products.data() + cols * width, cols, column.data());
  column[cols] = sums.sums[cols];
  right = problem_.Gather(column.data());
  for (std::size_t k = 0; k < problem_.penalty.size(); ++k) {
    const auto i = problem_.rows() + static_cast<std::int64_t>(k);
    if (!Counts(i)) continue;
    matrix[k * size + k] += data_.weights[i];
    right[k] += data_.weights[i] * data_.targets[i];
  }
}

QuantileRows::Direction QuantileRows::Predicted(std::int64_t i) const noexcept {
  const double dx = data_.weights[i] * (r_[i] - data_.targets[i]);
  return {dx, -z_[i] - z_[i] * dx / x_[i], -w_[i] + w_[i] * dx / s_[i]};
}

QuantileRows::Direction QuantileRows::Corrected(std::int64_t i, double mu) const noexcept {
  const Direction d = Predicted(i);
  const double aim = mu * (1 / x_[i] - 1 / s_[i]) + SecondOrder(i, d);
  const double dx = data_.weights[i] * (r_[i] + aim - margin_[i]);
  return {dx, (mu - d.x * d.z - z_[i] * dx) / x_[i] - z_[i],
          (mu + d.x * d.w + w_[i] * dx) / s_[i] - w_[i]};
}

void QuantileRows::Longest(std::int64_t i, const Direction& d,
                           QuantileSteps& steps) const noexcept {
  steps.primal = std::max({steps.primal, -d.x / x_[i], d.x / s_[i]});
  steps.dual = std::max({steps.dual, -d.z / z_[i], -d.w / w_[i]});
}

QuantileRows::Prediction QuantileRows::Predict(const std::vector<double>& beta) {
  std::vector<Prediction> parts(static_cast<std::size_t>(problem_.slots() + 1));
  const auto add = [&](Prediction& part, std::int64_t i, double& centring, double& second_order) {
    const Direction d = Predicted(i);
    Longest(i, d, part.steps);
    part.linear_primal += d.x * (z_[i] - w_[i]);
    part.linear_dual += x_[i] * d.z + s_[i] * d.w;
    part.bilinear += d.x * (d.z - d.w);
    centring = data_.weights[i] * (1 / x_[i] - 1 / s_[i]);
    second_order = data_.weights[i] * SecondOrder(i, d);
  };
  auto sums =
      QuantilePass(problem_, beta, 2, ctx_,
                   [&](std::int64_t first, std::int64_t count, const double* margin, double* a) {
                     for (std::int64_t i = 0; i < count; ++i) {
                       if (!Counts(first + i)) continue;
                       data_.targets[first + i] = margin[i];
                       add(parts[first / kSlotRows], first + i, a[i], a[kTileRows + i]);
                     }
                   });
  Prediction total;
  total.centring = std::move(sums[0]);
  total.second_order = std::move(sums[1]);
  for (std::size_t k = 0; k < problem_.penalty.size(); ++k) {
    const auto i = problem_.rows() + static_cast<std::int64_t>(k);
    if (!Counts(i)) continue;
    data_.targets[i] = beta[k];
    double centring = 0;
    double second_order = 0;
    add(parts.back(), i, centring, second_order);
    total.centring[k] += centring;
    total.second_order[k] += second_order;
  }
  for (const Prediction& part : parts) {
    total.steps.primal = std::max(total.steps.primal, part.steps.primal);
    total.steps.dual = std::max(total.steps.dual, part.steps.dual);
    total.linear_primal += part.linear_primal;
    total.linear_dual += part.linear_dual;
    total.bilinear += part.bilinear;
  }
  return total;
}

/// Writes A beta to margin_. One pass.
void QuantileRows::SetMargins(const std::vector<double>& beta) {
  QuantilePass(problem_, beta, 0, ctx_,
               [&](std::int64_t first, std::int64_t count, const double* margin, double*) {
                 std::copy_n(margin, count, margin_.data() + first);
               });
  std::copy_n(beta.data(), problem_.penalty.size(), margin_.data() + problem_.rows());
}

QuantileSteps QuantileRows::Correct(const std::vector<double>& beta, double mu) {
  SetMargins(beta);
  QuantileSteps total;
  const auto add = [&](QuantileSteps& part, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      if (Counts(i)) Longest(i, Corrected(i, mu), part);
    }
  };
  for (const QuantileSteps& part : ForParts<QuantileSteps>(add)) {
    total.primal = std::max(total.primal, part.primal);
    total.dual = std::max(total.dual, part.dual);
  }
  return total;
}

void QuantileRows::Advance(double primal, double dual, double mu) {
  struct None {};
  ForParts<None>([&](None&, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      if (!Counts(i)) continue;
      const Direction d = Corrected(i, mu);
      x_[i] += primal * d.x;
      s_[i] -= primal * d.x;
      z_[i] += dual * d.z;
      w_[i] += dual * d.w;
      r_[i] -= dual * margin_[i];
    }
  });
  Settle();
}

QuantileRows::Check QuantileRows::Evaluate(const std::vector<double>& beta) const {
  std::vector<Check> parts(static_cast<std::size_t>(problem_.slots() + 1));
  const auto add = [&](Check& part, std::int64_t i, double r) {
    const double loss = problem_.Loss(i, r);
    part.loss += loss;
    part.gap += std::max(loss - multiplier(i) * r, 0.0);
  };
  auto sums = QuantilePass(
      problem_, beta, 1, ctx_,
      [&](std::int64_t first, std::int64_t count, const double* margin, double* a) {
        for (std::int64_t i = 0; i < count; ++i) {
          if (!Counts(first + i)) continue;
          a[i] = multiplier(first + i);
          add(parts[first / kSlotRows], first + i, problem_.target[first + i] - margin[i]);
        }
      });
  Check total;
  std::vector<double>& off = total.off;
  off = std::move(sums[0]);
  for (std::size_t k = 0; k < problem_.penalty.size(); ++k) {
    const auto i = problem_.rows() + static_cast<std::int64_t>(k);
    if (!Counts(i)) continue;
    off[k] += multiplier(i);
    add(parts.back(), i, -beta[k]);
  }
  for (const Check& part : parts) {
    total.loss += part.loss;
    total.gap += part.gap;
  }
  for (std::size_t k = 0; k < off.size(); ++k)
    total.gap += std::abs(off[k]) * (1 + std::abs(beta[k]));
  return total;
}

void QuantileRows::Snap(const std::vector<double>& beta) {
  constexpr double kZero = 1e-12;  // targets are about 1
  SetMargins(beta);
  struct None {};
  ForParts<None>([&](None&, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const double r = problem_.Target(i) - margin_[i];
      if (Counts(i) && std::abs(r) > kZero)
        SetMultiplier(i, r > 0 ? problem_.Upper(i) : -problem_.Lower(i));
    }
  });
}

}  // namespace treeline
