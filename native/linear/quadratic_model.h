#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace treeline {

/// A quadratic model of a smooth convex function about a point, as coordinate descent asks for it:
/// one column of the Hessian at a time. It starts as a whole matrix or a diagonal and takes in what
/// steps show of the function (L-BFGS in compact form; Byrd, Nocedal and Schnabel 1994).
class QuadraticModel {
 public:
  /// A symmetric n x n matrix, positive semi-definite.
  static QuadraticModel Dense(std::vector<double> matrix, std::int64_t n);
  /// `diagonal` > 0.
  static QuadraticModel Diagonal(std::vector<double> diagonal);

  std::int64_t size() const noexcept { return n_; }

  std::int64_t rank() const noexcept { return rank_; }
  /// Multiplications of a Slope and a Move.
  std::int64_t MoveCost() const noexcept { return 2 * rank_ + (is_dense() ? n_ : 1); }

  /// Takes in a step and the change of the gradient over it.
  void Remember(std::vector<double> step, std::vector<double> change);
  /// Back to the matrix it started as.
  void Forget();
  /// Goes to the point where the function has this gradient.
  void Start(const std::vector<double>& gradient);
  /// Moves along unknown j.
  void Move(std::int64_t j, double step);
  /// The slope along unknown j where the moves have led.
  double Slope(std::int64_t j) const;
  double Curvature(std::int64_t j) const noexcept { return curvature_[j]; }
  /// Entry (i, j) of the matrix.
  double Entry(std::int64_t i, std::int64_t j) const;

 private:
  bool is_dense() const noexcept { return static_cast<std::int64_t>(base_.size()) > n_; }
  double Base(std::int64_t i, std::int64_t j) const noexcept;
  std::vector<double> BaseTimes(const std::vector<double>& vector) const;
  void Rebuild();

  std::int64_t n_ = 0;
  std::vector<double> base_;  // n x n, or the diagonal
  double scale_ = 1;          // of the base
  // The last steps, of length 1, the changes over them, and the base times the steps.
  std::deque<std::vector<double>> steps_;
  std::deque<std::vector<double>> changes_;
  std::deque<std::vector<double>> images_;
  // The matrix is scale * base - left * right^T, both n x rank.
  std::int64_t rank_ = 0;
  std::vector<double> left_;
  std::vector<double> right_;
  std::vector<double> curvature_;
  std::vector<double> slope_;  // but for left times moved_
  std::vector<double> moved_;  // right^T times the moves
};

}  // namespace treeline
