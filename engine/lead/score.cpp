// Integer points only: a score must be the same on every machine.
#include "engine/lead/score.h"

namespace orderlog::engine {

namespace {

std::int64_t points_of(std::string_view source, std::string_view channel,
                       const LeadPolicy& policy) {
  for (const std::string_view key : {source, channel}) {
    const auto found = policy.source_points.find(key);
    if (found != policy.source_points.end()) return found->second;
  }
  return policy.source_points_default;
}

}  // namespace

LeadScore score_lead(std::string_view source, std::string_view channel, std::uint8_t fit,
                     std::uint8_t intent, const LeadPolicy& policy) {
  const std::int64_t weighted =
      (fit * policy.fit_weight_ppm + intent * policy.intent_weight_ppm) / ppm_whole;
  LeadScore result;
  result.score = static_cast<std::int32_t>(points_of(source, channel, policy) + weighted);
  if (result.score >= policy.grade_a_from) {
    result.grade = schema::LeadGrade::A;
  } else if (result.score >= policy.grade_b_from) {
    result.grade = schema::LeadGrade::B;
  } else {
    result.grade = schema::LeadGrade::C;
  }
  result.answer_within_seconds = answer_within_seconds(result.grade, policy);
  return result;
}

std::int64_t answer_within_seconds(schema::LeadGrade grade, const LeadPolicy& policy) {
  switch (grade) {
    case schema::LeadGrade::A:
      return policy.answer_a_seconds;
    case schema::LeadGrade::B:
      return policy.answer_b_seconds;
    case schema::LeadGrade::C:
    case schema::LeadGrade::None:
      return policy.answer_c_seconds;
  }
  return policy.answer_c_seconds;
}

}  // namespace orderlog::engine
