#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cancel_token.h"
#include "loss/ndcg.h"

namespace treeline {

/// Rules of lambdarank (Burges 2010, "From RankNet to LambdaRank to LambdaMART"), named and meant
/// as LightGBM's.
struct LambdarankParams {
  std::int64_t truncation_level =
      30;            // pairs have a document among so many that are ranked highest
  bool norm = true;  // pairs far apart count less, and queries of many pairs are not much louder
  double sigmoid = 1;
};

/// Room for one thread; reused from query to query.
struct LambdarankScratch {
  std::vector<std::int64_t> order, partners;
  std::vector<double> scores, gains, gradients, hessians;  // by rank
  std::vector<double> margins, doubts;                     // by pair
};

/// First and second derivatives of one query by its documents' scores (LightGBM's
/// LambdarankNDCG::GetGradientsForOneQuery, with the sigmoid itself in place of a table of it).
/// `inverse_ideal`: 1 / the ideal DCG of the ranks up to truncation_level, 0 where that is 0.
/// `discounts`: of all ranks, none cut off.
/// @throws Error kAborted
void LambdaGradients(const LambdarankParams& params, std::span<const double> gains,
                     std::span<const double> scores, double inverse_ideal,
                     const Discounts& discounts, const CancelToken& cancel,
                     LambdarankScratch& scratch, double* gradients, double* hessians);

}  // namespace treeline
