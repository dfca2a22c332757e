// The priced lines of a quote, from what was asked for (domain.md 4.5), and the reverse for the
// next round. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/context.h"
#include "engine/pricing/pricing.h"

namespace orderlog::engine {

using QuoteLineRequests = flatbuffers::Vector<flatbuffers::Offset<schema::QuoteLineRequest>>;

// For whom the lines are priced.
struct QuoteTerms {
  std::string_view customer_id;
  schema::Currency currency = schema::Currency::None;
  std::string_view channel;
  // The customer's zone: sets the day whose prices hold.
  std::string_view time_zone;
};

struct QuoteLines {
  std::vector<std::unique_ptr<schema::QuoteLineT>> lines;
  Money total;  // Σ net
};

// The customer's zone, else the company's; always a known one.
std::string quote_time_zone(const schema::CustomerStateT* customer, const Policy& policy);

// The day of the command in that zone.
Day quote_today(std::string_view time_zone, const Context& context);

// Numbers lines that have number 0. Rejects as resolve_price and price_line do, with the line's
// place in the pointer, and: no line, too many, a number twice, a product that is not known or (for
// a new sale) discontinued, a quantity over the limit.
Checked<QuoteLines> price_quote_lines(const QuoteLineRequests* requests, const QuoteTerms& terms,
                                      const Context& context);

// What would have to be asked for to get these lines again at today's prices.
std::vector<std::unique_ptr<schema::QuoteLineRequestT>> requests_of(
    const std::vector<std::unique_ptr<schema::QuoteLineT>>& lines);

// What an approver must know: discounts and margins over the limits of the context's role, or a
// foreign currency without a rate; joined by "; ", empty when there is nothing.
std::string breaches_of(const schema::QuoteStateT& quote, const Context& context);

// The total on the scale of the base currency. Quotes carry no exchange rate, so the amount of a
// foreign one is taken at face value (and reported by breaches_of).
std::int64_t nominal_base_minor(const Money& total, const Policy& policy);

}  // namespace orderlog::engine
