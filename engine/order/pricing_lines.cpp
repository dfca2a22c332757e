// Lines and totals: each line priced once, the header's discount spread by largest remainder, and
// the sums checked (domain.md 4.2, 4.5).
#include <algorithm>

#include "engine/order/entry.h"
#include "engine/pricing/pricing.h"

namespace orderlog::engine::order {

namespace {

using schema::Authority;
using schema::OrderHeaderT;
using schema::OrderLineT;

std::string at_line(std::size_t index) { return "/lines/" + std::to_string(index); }

Rejection no(RejectionCode code, std::string detail, std::string pointer) {
  return Rejection{code, std::move(pointer), std::move(detail)};
}

std::optional<Rejection> check_request(const schema::OrderLineRequestT& request, std::size_t index,
                                       const schema::ProductStateT* product, Day today,
                                       const Context& context) {
  const bool import = context.authority == Authority::Import;
  if (request.quantity.milli() <= 0) {
    return no(RejectionCode::InvalidArgument, "a quantity is above 0",
              at_line(index) + "/quantity");
  }
  if (request.quantity.milli() > context.policy.order.quantity_milli_max) {
    return no(RejectionCode::LimitExceeded,
              "a quantity is at most " +
                  quantity_to_text(Quantity(context.policy.order.quantity_milli_max)),
              at_line(index) + "/quantity");
  }
  // They name the stock item: product@location.
  if (request.product_id.empty() || request.product_id.find('@') != std::string::npos) {
    return no(RejectionCode::InvalidArgument, "a product's id is not empty and has no @",
              at_line(index) + "/product_id");
  }
  if (request.location.find('@') != std::string::npos) {
    return no(RejectionCode::InvalidArgument, "a location has no @", at_line(index) + "/location");
  }
  if (product == nullptr && !import) {
    return no(RejectionCode::NotFound, "no such product", at_line(index) + "/product_id");
  }
  if (product != nullptr && product->status != schema::ProductStatus::Active && !import) {
    return no(RejectionCode::InvalidTransition, "the product is not sold any more",
              at_line(index) + "/product_id");
  }
  if (request.requested_date.has_value() && !import &&
      (request.requested_date.value() < today ||
       request.requested_date.value() > today + requested_days_ahead_max)) {
    return no(RejectionCode::InvalidArgument, "the requested date is in the past or too far ahead",
              at_line(index) + "/requested_date");
  }
  return std::nullopt;
}

PriceRequest price_request_of(const OrderHeaderT& header, const schema::OrderLineRequestT& request,
                              Day today) {
  PriceRequest wanted;
  wanted.customer_id = header.customer_id;
  wanted.grade = header.customer_grade;
  wanted.region = header.region;
  wanted.channel = header.channel;
  wanted.currency = header.currency;
  wanted.quantity = request.quantity;
  wanted.on = today;
  wanted.given = request.unit_price;
  wanted.manual_discount_ppm = request.discount_ppm;
  return wanted;
}

void set_amounts(OrderLineT& line, const LineAmounts& amounts) {
  line.gross = amounts.gross;
  line.discount = amounts.discount;
  line.net = amounts.net;
  line.tax = amounts.tax;
  line.cost = amounts.cost;
}

// What the header's discount is given on: the net of a line, or its price where that includes tax.
std::int64_t discountable(const OrderLineT& line, const Policy& policy) {
  return line.net.minor() + (policy.tax.included ? line.tax.minor() : 0);
}

// The header's discount takes from each line in proportion, and its tax follows.
std::optional<Rejection> spread_discount(const OrderHeaderT& header, std::vector<LinePtr>& lines,
                                         const Context& context) {
  if (header.header_discount.minor() == 0) return std::nullopt;
  std::vector<std::int64_t> weights;
  for (const auto& line : lines) weights.push_back(discountable(*line, context.policy));
  const auto parts = spread(header.header_discount, weights);
  if (!parts) return parts.rejection();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    OrderLineT& line = *lines[i];
    const std::int64_t before = discountable(line, context.policy);
    const std::int64_t after = before - (*parts)[i].minor();
    if (after < 0) {
      return no(RejectionCode::InvalidArgument, "the discount exceeds the lines",
                "/header/header_discount");
    }
    const Rounding rounding = context.policy.rounding_of(header.currency);
    const auto tax =
        before == 0 ? Result<Money>(line.tax) : fraction_of(line.tax, after, before, rounding);
    if (!tax) return rejection_of(tax.error(), "/header/header_discount");
    const std::int64_t net = after - (context.policy.tax.included ? tax->minor() : 0);
    line.net = Money(net, header.currency);
    line.discount = Money(line.gross.minor() - net, header.currency);
    line.tax = *tax;
  }
  return std::nullopt;
}

}  // namespace

Checked<Requests> requests_of(
    const flatbuffers::Vector<flatbuffers::Offset<schema::OrderLineRequest>>* lines,
    std::string_view field, std::uint32_t highest) {
  Requests requests;
  if (lines == nullptr) return requests;
  for (const auto* line : *lines) highest = std::max(highest, line->line());
  requests.reserve(lines->size());
  for (const auto* line : *lines) {
    schema::OrderLineRequestT request;
    line->UnPackTo(&request);
    if (request.line == 0) request.line = ++highest;
    for (const auto& earlier : requests) {
      if (earlier.line == request.line) {
        return no(RejectionCode::InvalidArgument,
                  "line number " + std::to_string(request.line) + " is there twice",
                  "/" + std::string(field) + "/" + std::to_string(requests.size()) + "/line");
      }
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

schema::OrderLineRequestT request_of(const OrderLineT& line) {
  schema::OrderLineRequestT request;
  request.line = line.line;
  request.product_id = line.product_id;
  request.location = line.location;
  request.quantity = line.quantity;
  if (line.price) {
    if (line.price->level == schema::PriceLevel::Given) request.unit_price = line.price->unit_price;
    request.discount_ppm = line.price->manual_discount_ppm;
  }
  request.requested_date = line.requested_date;
  return request;
}

Checked<LinePtr> price_request(const OrderHeaderT& header, const schema::OrderLineRequestT& request,
                               std::size_t index, const Context& context) {
  const auto* product = context.reference.product(request.product_id);
  const Day today = local_today(header, context);
  if (auto problem = check_request(request, index, product, today, context)) {
    return std::move(*problem);
  }
  const auto* profile = product == nullptr ? nullptr : product->profile.get();
  const auto* customer = context.reference.customer(header.customer_id);
  auto price = resolve_price(product, price_request_of(header, request, today));
  if (!price) return price.rejected(at_line(index)).rejection;

  auto line = std::make_unique<OrderLineT>();
  line->line = request.line;
  line->product_id = request.product_id;
  line->location = request.location.empty() ? context.policy.location : request.location;
  line->quantity = request.quantity;
  line->requested_date = request.requested_date;
  if (profile != nullptr) line->product_class = profile->product_class;
  line->tax_rate_ppm =
      tax_rate_ppm(context.policy.tax, header.ship_to ? header.ship_to->country : std::string(),
                   profile == nullptr ? std::string() : profile->tax_class,
                   customer != nullptr && customer->profile && customer->profile->tax_exempt);
  const auto amounts =
      price_line(*price, request.quantity, profile == nullptr ? UnitPrice() : profile->unit_cost,
                 line->tax_rate_ppm, header.exchange_rate.get(), context.policy);
  if (!amounts) return amounts.rejected(at_line(index)).rejection;
  set_amounts(*line, *amounts);
  line->price = std::make_unique<schema::PriceExplanationT>(std::move(*price));
  return line;
}

Checked<schema::OrderTotalsT> total_of(const OrderHeaderT& header,
                                       const std::vector<LinePtr>& lines, const Context& context) {
  schema::OrderTotalsT totals;
  const Money zero(0, header.currency);
  totals.gross = totals.discount = totals.net = totals.tax = totals.cost = zero;
  std::optional<Error> failed;
  const auto accumulate = [&](Money& sum, const Money& part) {
    const auto added = add(sum, part);
    if (added) {
      sum = *added;
    } else {
      failed = added.error();
    }
  };
  for (const auto& line : lines) {
    accumulate(totals.gross, line->gross);
    accumulate(totals.discount, line->discount);
    accumulate(totals.net, line->net);
    accumulate(totals.tax, line->tax);
    if (line->cost.currency() == header.currency) accumulate(totals.cost, line->cost);
  }
  totals.freight = header.freight;
  totals.total = totals.net;
  accumulate(totals.total, totals.tax);
  accumulate(totals.total, totals.freight);
  if (failed) return rejection_of(*failed, "/lines");
  const auto base = to_base_currency(totals.total, header.exchange_rate.get(), context.occurred_at,
                                     context.policy);
  if (!base) return base.rejected("/header").rejection;
  totals.base_total = base->amount;
  return totals;
}

std::optional<std::string> stale_rate(const OrderHeaderT& header,
                                      const schema::OrderTotalsT& totals, const Context& context) {
  if (context.authority == Authority::Import) return std::nullopt;
  const auto base = to_base_currency(totals.total, header.exchange_rate.get(), context.occurred_at,
                                     context.policy);
  return base ? base->stale : std::nullopt;
}

std::string breach_of(const OrderHeaderT& header, const std::vector<LinePtr>& lines,
                      const Context& context) {
  // History is recorded; an order from an accepted quote was judged with the quote.
  if (context.authority == Authority::Import) return {};
  if (context.authority == Authority::System && !header.quote_id.empty()) return {};
  for (const auto& line : lines) {
    const auto breach =
        price_breach(*line->price, line->net, line->cost, context.role, context.policy.price);
    if (breach) return "line " + std::to_string(line->line) + ": " + *breach;
  }
  return {};
}

Checked<Priced> price_order(const OrderHeaderT& header, const Requests& requests,
                            const Context& context) {
  const auto lines_max = static_cast<std::size_t>(context.policy.order.lines_max);
  if (requests.size() > lines_max) {
    return no(RejectionCode::LimitExceeded,
              "an order has at most " + std::to_string(lines_max) + " lines", "/lines");
  }
  Priced priced;
  priced.lines.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto line = price_request(header, requests[i], i, context);
    if (!line) return line.rejection();
    priced.lines.push_back(std::move(*line));
  }
  if (auto problem = spread_discount(header, priced.lines, context)) return std::move(*problem);
  auto totals = total_of(header, priced.lines, context);
  if (!totals) return totals.rejection();
  priced.totals = std::move(*totals);
  priced.stale = stale_rate(header, priced.totals, context);
  priced.breach = breach_of(header, priced.lines, context);
  return priced;
}

}  // namespace orderlog::engine::order
