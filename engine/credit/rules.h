// What the deciders of a credit account share. Pure.
#pragma once

#include <string_view>

#include "engine/context.h"
#include "engine/credit/credit_account.h"
#include "engine/decision.h"

namespace orderlog::engine::credit {

using CreditDecision = Decision<schema::CreditEventUnion>;

// Orders with an open exposure, per customer.
inline constexpr std::size_t open_orders_max = 1'000'000;
// Sum of all buckets, and the unapplied credit, in minor units; far from the end of int64.
inline constexpr std::int64_t exposure_minor_max = 1'000'000'000'000'000'000;

inline std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : string->string_view();
}
inline Rejected engine_only() {
  return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
}
// The working day of the company.
Day today(const Context& context);

// What counts against the limit: every bucket, but of the open orders only those that are shipped
// within the horizon (domain.md 4.7).
std::int64_t exposure_at(const CreditAccount& account, Day today, const CreditPolicy& policy);

// An account that does not exist yet is opened in the base currency by the first thing that the
// engine has to book on it.
void open_if_new(const CreditAccount& account, const Context& context, CreditDecision& decision);
schema::Currency currency_of(const CreditAccount& account, const Context& context);

CreditDecision reserve(const CreditAccount&, const schema::ReserveCredit&, const Context&);
CreditDecision shift(const CreditAccount&, const schema::ShiftExposure&, const Context&);
CreditDecision release(const CreditAccount&, const schema::ReleaseCredit&, const Context&);

}  // namespace orderlog::engine::credit
