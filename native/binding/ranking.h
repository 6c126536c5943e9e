#pragma once

#include <napi.h>

#include "loss/ranking_metrics.h"

namespace treeline::binding {

/// Reads { kind, k } of the seam's RankingMetric.
RankingMetric RankingMetricOf(Napi::Value value);

/// Registers thresholdCurve, discountedGains and rankingScores.
void ExportRanking(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
