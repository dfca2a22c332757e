// How promising a lead is (domain.md 4.23): points by source, fit and intent, and the grade that
// sets how soon it must be answered. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/policy.h"

namespace orderlog::engine {

// Which formula scored a lead; stored with every score.
inline constexpr std::int32_t lead_model_version = 1;
inline constexpr std::uint8_t lead_signal_max = 100;

struct LeadScore {
  std::int32_t score = 0;
  schema::LeadGrade grade = schema::LeadGrade::None;
  // Seconds from scoring until somebody should have answered.
  std::int64_t answer_within_seconds = 0;
};

// Points of the source, or of the channel when the source is not on the list; fit and intent in
// 0 … lead_signal_max.
LeadScore score_lead(std::string_view source, std::string_view channel, std::uint8_t fit,
                     std::uint8_t intent, const LeadPolicy& policy);

// How soon a lead of that grade must be answered.
std::int64_t answer_within_seconds(schema::LeadGrade grade, const LeadPolicy& policy);

}  // namespace orderlog::engine
