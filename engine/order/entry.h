// What an order is made of before it is accepted: a complete header, priced lines, totals, dates
// (domain.md 3.6, 4.2, 4.5, 4.9). Pure functions; rejection pointers are those of the command.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/order/working.h"
#include "engine/pricing/checked.h"

namespace orderlog::engine::order {

// How far ahead a customer may ask for a delivery, in days.
inline constexpr Day requested_days_ahead_max = 3'660;

using HeaderPtr = std::unique_ptr<schema::OrderHeaderT>;
using LinePtr = std::unique_ptr<schema::OrderLineT>;
using Requests = std::vector<schema::OrderLineRequestT>;

struct Priced {
  std::vector<LinePtr> lines;
  schema::OrderTotalsT totals;
  // Why the price needs an approval; empty when it does not.
  std::string breach;
  // Set when the exchange rate is too old.
  std::optional<std::string> stale;
};

// Fills what the header leaves out from the customer's profile and the policy. A draft may still
// lack an address.
Checked<HeaderPtr> complete_header(const schema::OrderHeader& header, bool draft,
                                   const Context& context);
// Why the customer or the address does not allow an order now.
std::optional<Rejection> problem_of_customer(const schema::OrderHeaderT& header,
                                             const Context& context);

// The requests as they came; those without a line number get the next ones above `highest`, the
// order's own, and above all that the command gives. `field` names the list, for pointers.
Checked<Requests> requests_of(
    const flatbuffers::Vector<flatbuffers::Offset<schema::OrderLineRequest>>* lines,
    std::string_view field, std::uint32_t highest = 0);
// The request that a priced line came from.
schema::OrderLineRequestT request_of(const schema::OrderLineT& line);

// Prices one line; `index` is its place in the command, for pointers.
Checked<LinePtr> price_request(const schema::OrderHeaderT& header,
                               const schema::OrderLineRequestT& request, std::size_t index,
                               const Context& context);
// Prices all lines, spreads the header's discount, adds up.
Checked<Priced> price_order(const schema::OrderHeaderT& header, const Requests& requests,
                            const Context& context);
// Totals of lines that are priced already; freight as in `header`.
Checked<schema::OrderTotalsT> total_of(const schema::OrderHeaderT& header,
                                       const std::vector<LinePtr>& lines, const Context& context);
// Why the exchange rate is too old to sell at (domain.md 4.4); nothing for history.
std::optional<std::string> stale_rate(const schema::OrderHeaderT& header,
                                      const schema::OrderTotalsT& totals, const Context& context);
// The first reason for an approval among the lines; empty for none. History is not judged.
std::string breach_of(const schema::OrderHeaderT& header, const std::vector<LinePtr>& lines,
                      const Context& context);

// A draft's lines changed, added, removed; all are priced anew.
OrderDecision change_lines(const schema::OrderStateT& order,
                           const schema::ChangeOrderLines& command, const Context& context);

// Sets material date, ship-by and promise of each line; with delivery all at once the latest line
// holds for all.
std::optional<Rejection> schedule_order(const schema::OrderHeaderT& header,
                                        std::vector<LinePtr>& lines, const Context& context);

}  // namespace orderlog::engine::order
