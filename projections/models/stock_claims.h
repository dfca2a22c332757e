// Claims on stock: reservations and backorders, each under the id that the order gave it. What an
// event does to one claim, kept as a row a claim, and as a row an order that tells the claims of
// orders which have ended (orphans). Pure.
#pragma once

#include "events/schema/read_models_desk_generated.h"
#include "projections/model.h"

namespace orderlog::projections {

// How an event changes one claim, in thousandths.
struct ClaimChange {
  std::string_view reservation_id;
  std::string_view order_id;
  std::uint32_t line = 0;
  std::int64_t reserved = 0;
  std::int64_t backordered = 0;
  flatbuffers::Optional<std::int32_t> promised{};
  flatbuffers::Optional<std::int32_t> priority{};
  bool promised_again = false;
};

// Nothing: the event is of no claim.
std::optional<ClaimChange> claim_change_of(const schema::StockEvents& event);

// Brings the claim, its order and the item's audit and demand up to date.
void apply_claim(const EventView& event, const ClaimChange& change,
                 schema::StockPositionRowT& position, Tables& tables);

// An order has ended, or goes on after all: what it still holds are orphans, or no longer.
void note_order_end(std::string_view order_id, bool ended, Tables& tables);

// Adds to the quantity of a day; a day whose quantity is zero goes. Kept in the order of the days.
void add_on_day(std::vector<std::unique_ptr<schema::DayQuantityT>>& days, Day day,
                std::int64_t milli);

TableDefinition claim_table();
TableDefinition claim_owner_table();

}  // namespace orderlog::projections
