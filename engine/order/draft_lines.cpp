// Changes to a draft. All lines are priced anew, so that the totals fit today's prices and a header
// discount is spread over the lines there are; an event is written for each line that differs.
#include <algorithm>

#include "engine/order/entry.h"

namespace orderlog::engine::order {

namespace {

bool same_price(const schema::PriceExplanationT* a, const schema::PriceExplanationT* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->level == b->level && a->rule_id == b->rule_id && a->unit_price == b->unit_price &&
         a->manual_discount_ppm == b->manual_discount_ppm;
}

bool same_line(const schema::OrderLineT& a, const schema::OrderLineT& b) {
  return a.product_id == b.product_id && a.location == b.location && a.quantity == b.quantity &&
         a.gross == b.gross && a.net == b.net && a.tax == b.tax && a.cost == b.cost &&
         a.requested_date == b.requested_date && same_price(a.price.get(), b.price.get());
}

const schema::OrderLineT* find(const schema::OrderStateT& order, std::uint32_t number) {
  for (const auto& line : order.lines) {
    if (line->terms->line == number) return line->terms.get();
  }
  return nullptr;
}

std::optional<Rejection> apply_changes(Requests& requests, Requests changes,
                                       const flatbuffers::Vector<std::uint32_t>* removed) {
  const auto position = [&](std::uint32_t line) {
    return std::find_if(requests.begin(), requests.end(),
                        [&](const auto& request) { return request.line == line; });
  };
  if (removed != nullptr) {
    for (const std::uint32_t line : *removed) {
      const auto found = position(line);
      if (found == requests.end()) {
        return Rejection{RejectionCode::NotFound, "/remove",
                         "the order has no line " + std::to_string(line)};
      }
      requests.erase(found);
    }
  }
  for (auto& change : changes) {
    const auto found = position(change.line);
    if (found == requests.end()) {
      requests.push_back(std::move(change));
    } else {
      *found = std::move(change);
    }
  }
  return std::nullopt;
}

// All lines are priced in one go; what is wrong with one is told where the command speaks of it.
Rejection in_terms_of(Rejection rejection, const Requests& requests,
                      const std::vector<std::uint32_t>& given) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::string prefix = "/lines/" + std::to_string(i) + "/";
    if (rejection.pointer.rfind(prefix, 0) != 0) continue;
    const auto at = std::find(given.begin(), given.end(), requests[i].line);
    const std::string field = rejection.pointer.substr(prefix.size());
    rejection.pointer =
        at == given.end() ? "" : "/set/" + std::to_string(at - given.begin()) + "/" + field;
    break;
  }
  return rejection;
}

}  // namespace

OrderDecision change_lines(const schema::OrderStateT& order,
                           const schema::ChangeOrderLines& command, const Context& context) {
  Requests requests;
  std::uint32_t highest = 0;
  for (const auto& line : order.lines) {
    requests.push_back(request_of(*line->terms));
    highest = std::max(highest, line->terms->line);
  }
  auto changes = requests_of(command.set(), "set", highest);
  if (!changes) return changes.rejected();
  std::vector<std::uint32_t> given;
  for (const auto& change : *changes) given.push_back(change.line);
  if (auto problem = apply_changes(requests, std::move(*changes), command.remove())) {
    return Rejected{std::move(*problem)};
  }
  const auto priced = price_order(*order.header, requests, context);
  if (!priced) return Rejected{in_terms_of(priced.rejection(), requests, given)};

  OrderDecision decision;
  const auto totals = [&] { return std::make_unique<schema::OrderTotalsT>(priced->totals); };
  for (const auto& line : order.lines) {
    const std::uint32_t number = line->terms->line;
    const bool kept = std::any_of(requests.begin(), requests.end(),
                                  [&](const auto& request) { return request.line == number; });
    if (kept) continue;
    schema::OrderLineRemovedT event;
    event.line = number;
    event.totals = totals();
    decision.add(std::move(event));
  }
  for (const auto& line : priced->lines) {
    const schema::OrderLineT* before = find(order, line->line);
    if (before == nullptr) {
      schema::OrderLineAddedT event;
      event.line = std::make_unique<schema::OrderLineT>(*line);
      event.totals = totals();
      decision.add(std::move(event));
    } else if (!same_line(*before, *line)) {
      schema::OrderLineChangedT event;
      event.line = std::make_unique<schema::OrderLineT>(*line);
      event.totals = totals();
      decision.add(std::move(event));
    }
  }
  return decision;
}

}  // namespace orderlog::engine::order
