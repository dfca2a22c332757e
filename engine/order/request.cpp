#include "engine/order/request.h"

#include <algorithm>
#include <string>

#include "engine/order/working.h"
#include "events/base/hash.h"

namespace orderlog::engine::order {

namespace {

using LinePtr = std::unique_ptr<schema::OrderLineT>;

std::uint64_t fingerprint_of(const schema::OrderHeaderT& header, const std::vector<LinePtr>& lines,
                             const schema::OrderTotalsT& totals) {
  std::vector<std::pair<std::string_view, std::int64_t>> wanted;
  wanted.reserve(lines.size());
  for (const auto& line : lines) wanted.emplace_back(line->product_id, line->quantity.milli());
  std::sort(wanted.begin(), wanted.end());
  std::string text = header.customer_id;
  for (const auto& [product, milli] : wanted) {
    text.append(1, '\n').append(product).append(1, ' ').append(std::to_string(milli));
  }
  text.append(1, '\n').append(std::to_string(totals.total.minor())).append(1, ' ');
  text.append(std::to_string(static_cast<int>(totals.total.currency())));
  return fingerprint64(text);
}

}  // namespace

schema::CreditRequestT credit_request_for(const schema::OrderHeaderT& header,
                                          const std::vector<LinePtr>& lines,
                                          const schema::OrderTotalsT& totals) {
  schema::CreditRequestT request;
  request.amount = totals.base_total;
  request.line_fingerprint = fingerprint_of(header, lines, totals);
  for (const auto& line : lines) {
    if (!line->ship_by.has_value()) continue;
    request.ship_date = std::min(request.ship_date.value_or(day_max), line->ship_by.value());
  }
  return request;
}

schema::ReservationRequestT reservation_for(const schema::OrderHeaderT& header,
                                            const schema::OrderLineT& line,
                                            std::string_view order_id, std::int64_t milli,
                                            std::int64_t released_total) {
  schema::ReservationRequestT request;
  request.line = line.line;
  request.stock_item_id = stock_item_id(line);
  request.reservation_id = reservation_id(order_id, line.line);
  request.quantity = Quantity(milli);
  request.promised_date = line.promised_date;
  request.backorder = header.backorder;
  request.all_at_once = header.partial_delivery == schema::PartialDelivery::AllAtOnce;
  request.released_total = released_total;
  return request;
}

schema::ReleaseRequestT release_for(const schema::OrderLineT& line, std::string_view order_id,
                                    std::int64_t milli, std::int64_t released_total) {
  schema::ReleaseRequestT request;
  request.line = line.line;
  request.stock_item_id = stock_item_id(line);
  request.reservation_id = reservation_id(order_id, line.line);
  request.quantity = Quantity(milli);
  request.released_total = released_total;
  return request;
}

}  // namespace orderlog::engine::order
