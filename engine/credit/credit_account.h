// The state of a customer's credit account (domain.md 3.16) as the decider uses it. Stored as
// schema::CreditState.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/credit/exposure_ledger.h"
#include "engine/credit/recent_orders.h"
#include "engine/state_parts.h"
#include "events/schema/customer_generated.h"

namespace orderlog::engine {

struct CreditAccount {
  using TableType = schema::CreditState;

  schema::CreditStatus status = schema::CreditStatus::None;
  schema::Currency currency = schema::Currency::None;
  schema::Grade grade = schema::Grade::Unrated;
  bool has_limit = false;
  schema::Money limit;
  schema::Money max_document;  // zero: none
  flatbuffers::Optional<std::int32_t> valid_until = flatbuffers::nullopt;
  std::string block_reason;
  std::int64_t unapplied_minor = 0;
  // Orders whose exposure ended with a payment.
  std::uint64_t orders_paid = 0;
  ExposureLedger exposures;
  RecentOrders recent_orders;
};

// To and from the stored form (the runtime's engine/runtime/state_codec.h). The same state always
// gives the same bytes.
flatbuffers::Offset<schema::CreditState> pack_state(flatbuffers::FlatBufferBuilder& builder,
                                                    const CreditAccount& account);
void unpack_state(CreditAccount& account, const schema::CreditState& stored);
// In parts (engine/state_parts.h): what the account knows of one order is a part, its key the
// order.
flatbuffers::Offset<schema::CreditState> pack_head(flatbuffers::FlatBufferBuilder& builder,
                                                   const CreditAccount& account);
void take_changed_parts(CreditAccount& account, flatbuffers::FlatBufferBuilder& builder,
                        const PartVisit& visit);
void add_part(CreditAccount& account, const schema::CreditState& part);
std::size_t parts_bytes(const CreditAccount& account);

// The sums taken anew from the entries, for audits and tests (domain.md P9). O(n).
ExposureSums recount(const CreditAccount& account);
ExposureSums recount(const schema::CreditState& stored);

// What is wrong with the account's books, in words; nothing when they agree. O(n).
std::optional<std::string> find_discrepancy(const CreditAccount& account);

}  // namespace orderlog::engine
