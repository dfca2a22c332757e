// One pass over the lines asked for: find the product, resolve the price, compute the amounts.
#include "engine/quote/lines.h"

#include <algorithm>
#include <limits>
#include <set>

namespace orderlog::engine {

namespace {

Rejection no(RejectionCode code, std::string detail, std::string pointer) {
  return Rejection{code, std::move(pointer), std::move(detail)};
}

Rejection prefixed(const Rejection& rejection, const std::string& prefix) {
  return Rejection{rejection.code, prefix + rejection.pointer, rejection.detail};
}

// Line numbers given stay; 0 becomes the next number after the highest before it.
Checked<std::vector<std::uint32_t>> numbers_of(const QuoteLineRequests& requests) {
  std::vector<std::uint32_t> numbers;
  std::set<std::uint32_t> taken;
  for (const auto* request : requests) {
    if (request->line() != 0) taken.insert(request->line());
  }
  std::uint32_t next = taken.empty() ? 0 : *taken.rbegin();
  std::set<std::uint32_t> used;
  for (const auto* request : requests) {
    if (request->line() == 0 && next == std::numeric_limits<std::uint32_t>::max()) {
      return no(RejectionCode::InvalidArgument, "no line number is left", "/lines");
    }
    const std::uint32_t number = request->line() != 0 ? request->line() : ++next;
    if (!used.insert(number).second) {
      return no(RejectionCode::InvalidArgument,
                "line " + std::to_string(number) + " is there twice",
                "/lines/" + std::to_string(numbers.size()) + "/line");
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::optional<Rejection> refuse_product(const schema::ProductStateT* product,
                                        const schema::QuoteLineRequest& request,
                                        const Context& context) {
  const bool new_sale = context.authority == schema::Authority::Normal;
  const bool known = product != nullptr && product->status != schema::ProductStatus::None;
  const auto* given = request.unit_price();
  const bool priced = given != nullptr && given->currency() != schema::Currency::None;
  if (!known && (new_sale || !priced)) {
    return no(RejectionCode::NotFound,
              "no product " + quote_input(flatbuffers::GetString(request.product_id())),
              "/product_id");
  }
  if (known && new_sale && product->status == schema::ProductStatus::Discontinued) {
    return no(RejectionCode::InvalidArgument, "the product is discontinued", "/product_id");
  }
  return std::nullopt;
}

Checked<std::unique_ptr<schema::QuoteLineT>> price_one(const schema::QuoteLineRequest& request,
                                                       std::uint32_t number,
                                                       const QuoteTerms& terms,
                                                       const Context& context) {
  const std::string product_id = flatbuffers::GetString(request.product_id());
  const auto* product = context.reference.product(product_id);
  if (auto refusal = refuse_product(product, request, context)) return *std::move(refusal);
  const Quantity quantity = request.quantity() != nullptr ? *request.quantity() : Quantity();
  if (quantity.milli() > context.policy.order.quantity_milli_max) {
    return no(RejectionCode::LimitExceeded,
              "a line has at most " +
                  quantity_to_text(Quantity(context.policy.order.quantity_milli_max)) + " units",
              "/quantity");
  }
  const auto* customer = context.reference.customer(terms.customer_id);
  PriceRequest price_request;
  price_request.customer_id = terms.customer_id;
  price_request.channel = terms.channel;
  if (customer != nullptr) {
    price_request.grade = customer->grade;
    if (customer->profile) price_request.region = customer->profile->region;
  }
  price_request.currency = terms.currency;
  price_request.quantity = quantity;
  price_request.on = quote_today(terms.time_zone, context);
  if (request.unit_price() != nullptr) price_request.given = *request.unit_price();
  price_request.manual_discount_ppm = request.discount_ppm();
  auto price = resolve_price(product, price_request);
  if (!price) return price.rejection();

  const auto* profile = product != nullptr ? product->profile.get() : nullptr;
  const auto amounts =
      price_line(*price, quantity, profile != nullptr ? profile->unit_cost : UnitPrice(), 0,
                 nullptr, context.policy);
  if (!amounts) return amounts.rejection();
  auto line = std::make_unique<schema::QuoteLineT>();
  line->line = number;
  line->product_id = product_id;
  line->quantity = quantity;
  line->price = std::make_unique<schema::PriceExplanationT>(*std::move(price));
  line->net = amounts->net;
  line->cost = amounts->cost;
  if (profile != nullptr) line->product_class = profile->product_class;
  return line;
}

bool is_foreign(const Money& total, const Policy& policy) {
  return total.currency() != schema::Currency::None && total.currency() != policy.base_currency;
}

}  // namespace

std::string quote_time_zone(const schema::CustomerStateT* customer, const Policy& policy) {
  if (customer != nullptr && customer->profile && !customer->profile->time_zone.empty() &&
      is_known_zone(customer->profile->time_zone)) {
    return customer->profile->time_zone;
  }
  return is_known_zone(policy.time_zone) ? policy.time_zone : "UTC";
}

Day quote_today(std::string_view time_zone, const Context& context) {
  return local_day(context.occurred_at, time_zone).value_or(utc_day(context.occurred_at));
}

Checked<QuoteLines> price_quote_lines(const QuoteLineRequests* requests, const QuoteTerms& terms,
                                      const Context& context) {
  if (requests == nullptr || requests->size() == 0) {
    return no(RejectionCode::InvalidArgument, "a quote has at least one line", "/lines");
  }
  if (requests->size() > static_cast<std::uint32_t>(context.policy.order.lines_max)) {
    return no(RejectionCode::LimitExceeded,
              "a quote has at most " + std::to_string(context.policy.order.lines_max) + " lines",
              "/lines");
  }
  const auto numbers = numbers_of(*requests);
  if (!numbers) return numbers.rejection();
  QuoteLines priced;
  priced.total = Money(0, terms.currency);
  for (std::uint32_t i = 0; i < requests->size(); ++i) {
    const std::string pointer = "/lines/" + std::to_string(i);
    auto line = price_one(*requests->Get(i), (*numbers)[i], terms, context);
    if (!line) return prefixed(line.rejection(), pointer);
    const auto total = add(priced.total, (*line)->net);
    if (!total) return rejection_of(total.error(), pointer);
    priced.total = *total;
    priced.lines.push_back(std::move(*line));
  }
  return priced;
}

std::vector<std::unique_ptr<schema::QuoteLineRequestT>> requests_of(
    const std::vector<std::unique_ptr<schema::QuoteLineT>>& lines) {
  std::vector<std::unique_ptr<schema::QuoteLineRequestT>> requests;
  for (const auto& line : lines) {
    auto request = std::make_unique<schema::QuoteLineRequestT>();
    request->line = line->line;
    request->product_id = line->product_id;
    request->quantity = line->quantity;
    if (line->price) {
      request->discount_ppm = line->price->manual_discount_ppm;
      if (line->price->level == schema::PriceLevel::Given) {
        request->unit_price = line->price->unit_price;
      }
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

std::string breaches_of(const schema::QuoteStateT& quote, const Context& context) {
  std::string reasons;
  const auto tell = [&](const std::string& reason) {
    if (!reasons.empty()) reasons += "; ";
    reasons += reason;
  };
  if (is_foreign(quote.total, context.policy)) {
    tell("amount in " + std::string(code_of(quote.total.currency())) + " taken at face value");
  }
  for (const auto& line : quote.lines) {
    if (!line->price) continue;
    const auto breach =
        price_breach(*line->price, line->net, line->cost, context.role, context.policy.price);
    if (breach) tell("line " + std::to_string(line->line) + ": " + *breach);
  }
  return reasons;
}

std::int64_t nominal_base_minor(const Money& total, const Policy& policy) {
  if (!is_foreign(total, policy)) return total.minor();
  const auto from = exponent_of(total.currency());
  const auto to = exponent_of(policy.base_currency);
  if (!from || !to) return total.minor();
  std::int64_t minor = total.minor();
  for (int i = *from; i > *to; --i) minor /= 10;
  for (int i = *from; i < *to; ++i) {
    if (__builtin_mul_overflow(minor, std::int64_t{10}, &minor)) {
      return std::numeric_limits<std::int64_t>::max();
    }
  }
  return minor;
}

}  // namespace orderlog::engine
