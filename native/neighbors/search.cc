#include "neighbors/search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <utility>

#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kPanels = kBlockRows / simd::kNeighborLanes;

/// The k nearest so far, as heaps.
class NearestWanted {
 public:
  NearestWanted(std::int64_t count, std::int64_t k)
      : found(static_cast<std::size_t>(count)), k_(static_cast<std::size_t>(k)) {
    for (auto& heap : found) heap.reserve(k_ + 1);
  }
  /// What is farther is not wanted.
  double Limit(std::int64_t question) const noexcept {
    const auto& heap = found[question];
    return heap.size() < k_ ? kInfinity : heap.front().distance;
  }
  void Offer(std::int64_t question, const Neighbor& neighbor) {
    auto& heap = found[question];
    if (heap.size() == k_) {
      if (!(neighbor < heap.front())) return;
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
    }
    heap.push_back(neighbor);
    std::push_heap(heap.begin(), heap.end());
  }

  std::vector<std::vector<Neighbor>> found;

 private:
  std::size_t k_;
};

/// All within a distance.
class WithinWanted {
 public:
  WithinWanted(std::int64_t count, double distance)
      : found(static_cast<std::size_t>(count)), distance_(distance) {}
  double Limit(std::int64_t) const noexcept { return distance_; }
  void Offer(std::int64_t question, const Neighbor& neighbor) {
    if (neighbor.distance <= distance_) found[question].push_back(neighbor);
  }

  std::vector<std::vector<Neighbor>> found;

 private:
  double distance_;
};

/// One search: some questions through the blocks.
template <RowMetric kMetric, typename Wanted>
class Pass {
 public:
  Pass(const RowBlocks& blocks, const RowCodes* codes, double p, const Questions& questions,
       Wanted& wanted)
      : blocks_(blocks), codes_(codes), terms_{p}, questions_(questions), wanted_(wanted) {
    if (codes_ == nullptr) return;
    for (std::int64_t i = 0; i < questions.count; ++i)
      question_codes_.push_back(codes_->Of(Row(i), blocks_.cols()));
  }

  /// Offers the rows of a block to the questions that still want some of it.
  void Visit(std::int64_t block, std::span<const std::int64_t> questions) {
    sieved_.clear();
    for (const std::int64_t question : questions) {
      if (codes_ == nullptr || wanted_.Limit(question) == kInfinity) {
        for (std::int64_t place = blocks_.begin(block); place < blocks_.begin(block + 1); ++place)
          Measure(question, place);
      } else {
        sieved_.push_back(question);
      }
    }
    for (std::size_t i = 0; i < sieved_.size(); i += simd::kNeighborRows) {
      const std::size_t count = std::min<std::size_t>(simd::kNeighborRows, sieved_.size() - i);
      Sieve(block, std::span(sieved_).subspan(i, count));
    }
  }

  void Bounds(std::int64_t question, double* bounds) const {
    const std::int64_t stride = blocks_.stride();
    if constexpr (kMetric == RowMetric::kSquaredEuclidean) {
      simd::Active().neighbors.box_squares(Row(question), blocks_.cols(), blocks_.low(),
                                           blocks_.high(), stride, blocks_.size(), bounds);
    } else {
      for (std::int64_t b = 0; b < blocks_.size(); ++b) {
        bounds[b] = terms_.FromBox(Row(question), blocks_.cols(), blocks_.low() + b,
                                   blocks_.high() + b, stride);
      }
    }
  }

 private:
  const double* Row(std::int64_t question) const noexcept {
    return questions_.rows + question * blocks_.cols();
  }

  void Measure(std::int64_t question, std::int64_t place) {
    const std::int64_t number = blocks_.number(place);
    if (questions_.self != nullptr && questions_.self[question] == number) return;
    wanted_.Offer(question,
                  {terms_.Between(Row(question), blocks_.row(place), blocks_.cols()), number});
  }

  /// Measures the rows of a block that their codes do not rule out, for up to four questions.
  void Sieve(std::int64_t block, std::span<const std::int64_t> questions) {
    std::array<const std::int32_t*, simd::kNeighborRows> words;
    std::array<std::int32_t, simd::kNeighborRows> least;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::int64_t question = questions[std::min(i, questions.size() - 1)];
      const RowCode& code = question_codes_[question];
      words[i] = code.words.data();
      least[i] = codes_->Least(code, wanted_.Limit(question), block);
    }
    std::array<std::uint16_t, kPanels * simd::kNeighborRows> masks;
    const std::int64_t n_panels = codes_->n_panels(block);
    simd::Active().neighbors.find_near(words.data(), least.data(), codes_->panels(block),
                                       codes_->half_norms(block), codes_->n_words(), n_panels,
                                       masks.data());
    for (std::int64_t panel = 0; panel < n_panels; ++panel) {
      const std::int64_t first = blocks_.begin(block) + panel * simd::kNeighborLanes;
      const std::int64_t rows = blocks_.begin(block + 1) - first;
      const std::uint32_t real = rows < simd::kNeighborLanes ? (1U << rows) - 1 : 0xFFFFU;
      for (std::size_t i = 0; i < questions.size(); ++i) {
        std::uint32_t near = masks[panel * simd::kNeighborRows + i] & real;
        for (; near != 0; near &= near - 1) Measure(questions[i], first + std::countr_zero(near));
      }
    }
  }

  const RowBlocks& blocks_;
  const RowCodes* codes_;
  MetricTerms<kMetric> terms_;
  const Questions& questions_;
  Wanted& wanted_;
  std::vector<RowCode> question_codes_;
  std::vector<std::int64_t> sieved_;
};

}  // namespace

NeighborSearch::NeighborSearch(const std::vector<double>& values, std::int64_t cols,
                               RowMetric metric, double p, const Context& ctx)
    : blocks_(values, cols, ctx), metric_(metric), p_(p) {
  if (metric_ != RowMetric::kSquaredEuclidean) return;
  codes_.emplace(blocks_);
  if (!codes_->is_usable()) codes_.reset();
}

std::int64_t NeighborSearch::task_rows() const noexcept {
  constexpr std::int64_t kBounds = 1 << 18;
  return std::clamp<std::int64_t>(kBounds / blocks_.size(), 16, 256);
}

std::size_t NeighborSearch::bytes() const noexcept {
  return blocks_.bytes() + (codes_ ? codes_->bytes() : 0);
}

template <RowMetric kMetric, typename Wanted>
void NeighborSearch::SearchBy(const Questions& questions, Wanted& wanted) const {
  const std::int64_t n_blocks = blocks_.size();
  Pass<kMetric, Wanted> pass(blocks_, codes_ ? &*codes_ : nullptr, p_, questions, wanted);
  std::vector<double> bounds(static_cast<std::size_t>(questions.count * n_blocks));
  std::vector<double> mine(static_cast<std::size_t>(n_blocks));
  std::vector<std::int64_t> nearest(static_cast<std::size_t>(questions.count));
  for (std::int64_t i = 0; i < questions.count; ++i) {
    pass.Bounds(i, mine.data());
    for (std::int64_t b = 0; b < n_blocks; ++b) bounds[b * questions.count + i] = mine[b];
    // The nearest block first: it leaves out many others.
    nearest[i] = std::min_element(mine.begin(), mine.end()) - mine.begin();
    pass.Visit(nearest[i], std::span(&i, 1));
  }
  std::vector<std::int64_t> interested;
  for (std::int64_t b = 0; b < n_blocks; ++b) {
    interested.clear();
    for (std::int64_t i = 0; i < questions.count; ++i) {
      if (b != nearest[i] && bounds[b * questions.count + i] <= wanted.Limit(i))
        interested.push_back(i);
    }
    pass.Visit(b, interested);
  }
}

template <typename Wanted>
void NeighborSearch::Search(const Questions& questions, Wanted& wanted) const {
  switch (metric_) {
    case RowMetric::kSquaredEuclidean:
      return SearchBy<RowMetric::kSquaredEuclidean>(questions, wanted);
    case RowMetric::kManhattan: return SearchBy<RowMetric::kManhattan>(questions, wanted);
    case RowMetric::kChebyshev: return SearchBy<RowMetric::kChebyshev>(questions, wanted);
    case RowMetric::kMinkowski: return SearchBy<RowMetric::kMinkowski>(questions, wanted);
  }
}

std::vector<std::vector<Neighbor>> NeighborSearch::Nearest(const Questions& questions,
                                                           std::int64_t k) const {
  NearestWanted wanted(questions.count, k);
  Search(questions, wanted);
  for (auto& heap : wanted.found) std::sort_heap(heap.begin(), heap.end());
  return std::move(wanted.found);
}

std::vector<std::vector<Neighbor>> NeighborSearch::Within(const Questions& questions,
                                                          double distance) const {
  WithinWanted wanted(questions.count, distance);
  Search(questions, wanted);
  for (auto& found : wanted.found) {
    std::sort(found.begin(), found.end(),
              [](const Neighbor& a, const Neighbor& b) { return a.number < b.number; });
  }
  return std::move(wanted.found);
}

}  // namespace treeline
