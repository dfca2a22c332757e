#include "engine/order/amended_lines.h"

#include <algorithm>

#include "engine/order/schedule.h"
#include "engine/pricing/pricing.h"

namespace orderlog::engine::order {

namespace {

using schema::OrderLineT;
using MaybeRejection = std::optional<Rejection>;

Rejection no(RejectionCode code, std::string detail, std::string pointer) {
  return Rejection{code, std::move(pointer), std::move(detail)};
}

std::string at(std::size_t index) { return "/set/" + std::to_string(index); }

OrderLineT* find(AmendedLines& amended, std::uint32_t number) {
  for (const auto& line : amended.lines) {
    if (line->line == number) return line.get();
  }
  return nullptr;
}

// A removed line stays as a line of nothing, so that what was ever ordered can be read.
MaybeRejection remove_lines(Working& working, const flatbuffers::Vector<std::uint32_t>* removed,
                            AmendedLines& amended) {
  if (removed == nullptr) return std::nullopt;
  for (const std::uint32_t number : *removed) {
    OrderLineT* line = find(amended, number);
    if (line == nullptr) {
      return no(RejectionCode::NotFound, "the order has no line " + std::to_string(number),
                "/remove");
    }
    const LineLook& look = *working.line(number);
    if (look.shipped > 0 || look.planned > 0) {
      return no(RejectionCode::InvalidTransition,
                "line " + std::to_string(number) + " is shipped or in a shipment", "/remove");
    }
    const Money zero(0, working.header().currency);
    line->quantity = Quantity(0);
    line->gross = line->discount = line->net = line->tax = zero;
    line->cost = Money(0, line->cost.currency());
    amended.changed.insert(number);
  }
  return std::nullopt;
}

bool has_new_price(const schema::OrderLineRequestT& change) {
  return change.unit_price.currency() != schema::Currency::None || change.discount_ppm != 0;
}

MaybeRejection check_change(const Working& working, const LineLook& look,
                            const schema::OrderLineRequestT& change, std::size_t index) {
  const OrderLineT& terms = *look.state->terms;
  const std::int64_t milli = change.quantity.milli();
  if (milli <= 0 || milli > working.context.policy.order.quantity_milli_max) {
    return no(RejectionCode::InvalidArgument, "a quantity is above 0 and within its limit",
              at(index) + "/quantity");
  }
  const Day today = working.today();
  if (change.requested_date.has_value() &&
      (change.requested_date.value() < today ||
       change.requested_date.value() > today + requested_days_ahead_max)) {
    return no(RejectionCode::InvalidArgument, "the requested date is in the past or too far ahead",
              at(index) + "/requested_date");
  }
  if (change.product_id != terms.product_id ||
      (!change.location.empty() && change.location != terms.location)) {
    return no(RejectionCode::InvalidArgument,
              "product and location of a line stay: remove it and add another",
              at(index) + "/product_id");
  }
  if (change.quantity.milli() < look.shipped + look.planned) {
    return no(RejectionCode::InvalidTransition,
              quantity_to_text(Quantity(look.shipped + look.planned)) +
                  " of the line are shipped or in a shipment",
              at(index) + "/quantity");
  }
  if (has_new_price(change) && look.invoice_requested > 0) {
    return no(RejectionCode::InvalidTransition, "the price of a line that is partly invoiced stays",
              at(index) + "/unit_price");
  }
  return std::nullopt;
}

// The agreed price at the new quantity; the header's discount on the line grows with it.
Checked<LinePtr> at_agreed_price(const Working& working, const LineLook& look,
                                 const schema::OrderLineRequestT& change, std::size_t index) {
  const OrderLineT& terms = *look.state->terms;
  const Policy& policy = working.context.policy;
  const auto* product = working.context.reference.product(terms.product_id);
  const UnitPrice cost =
      product != nullptr && product->profile ? product->profile->unit_cost : UnitPrice();
  const auto* rate = working.header().exchange_rate.get();
  const auto then =
      price_line(*terms.price, terms.quantity, cost, terms.tax_rate_ppm, rate, policy);
  if (!then) return then.rejected(at(index)).rejection;
  const auto now =
      price_line(*terms.price, change.quantity, cost, terms.tax_rate_ppm, rate, policy);
  if (!now) return now.rejected(at(index)).rejection;
  const Rounding rounding = policy.rounding_of(working.header().currency);
  const std::int64_t old_quantity = std::max<std::int64_t>(1, terms.quantity.milli());
  const auto extra = fraction_of(Money(then->net.minor() - terms.net.minor(), terms.net.currency()),
                                 change.quantity.milli(), old_quantity, rounding);
  if (!extra) return rejection_of(extra.error(), at(index) + "/quantity");
  auto line = std::make_unique<OrderLineT>(terms);
  line->quantity = change.quantity;
  line->gross = now->gross;
  line->net =
      Money(std::max<std::int64_t>(0, now->net.minor() - extra->minor()), terms.net.currency());
  line->discount = Money(line->gross.minor() - line->net.minor(), terms.net.currency());
  const auto tax = now->net.minor() == 0
                       ? Result<Money>(now->tax)
                       : fraction_of(now->tax, line->net.minor(), now->net.minor(), rounding);
  if (!tax) return rejection_of(tax.error(), at(index) + "/quantity");
  line->tax = *tax;
  line->cost = now->cost;
  return line;
}

// Never below what invoices have asked for, and exactly that when nothing more will be.
void keep_invoiced(const LineLook& look, OrderLineT& line) {
  const auto& state = *look.state;
  const bool all = line.quantity.milli() == look.invoice_requested;
  const auto keep = [&](Money& amount, std::int64_t invoiced) {
    amount = Money(all ? invoiced : std::max(invoiced, amount.minor()), amount.currency());
  };
  keep(line.gross, state.invoiced_gross);
  keep(line.net, state.invoiced_net);
  keep(line.tax, state.invoiced_tax);
  line.discount = Money(line.gross.minor() - line.net.minor(), line.net.currency());
}

// What price_request says about "/lines" is about "/set" here.
Checked<LinePtr> price_anew(const Working& working, const schema::OrderLineRequestT& request,
                            std::size_t index) {
  auto line = price_request(working.header(), request, index, working.context);
  if (line) return line;
  Rejection rejection = line.rejection();
  const std::string prefix = "/lines/" + std::to_string(index);
  if (rejection.pointer.rfind(prefix, 0) == 0) {
    rejection.pointer.replace(0, prefix.size(), at(index));
  }
  return rejection;
}

// A product that is not sold any more may still be had for less, or later.
Checked<LinePtr> changed_line(const Working& working, const LineLook& look,
                              const schema::OrderLineRequestT& change, std::size_t index) {
  if (auto problem = check_change(working, look, change, index)) return std::move(*problem);
  const OrderLineT& terms = *look.state->terms;
  schema::OrderLineRequestT request = change;
  request.location = terms.location;
  auto line = has_new_price(change) ? price_anew(working, request, index)
                                    : at_agreed_price(working, look, change, index);
  if (!line) return line.rejection();
  (*line)->requested_date =
      change.requested_date.has_value() ? change.requested_date : terms.requested_date;
  (*line)->material_date = terms.material_date;
  (*line)->ship_by = terms.ship_by;
  (*line)->promised_date = terms.promised_date;
  keep_invoiced(look, **line);
  return line;
}

Checked<LinePtr> added_line(const Working& working, const schema::OrderLineRequestT& request,
                            std::size_t index) {
  auto line = price_anew(working, request, index);
  if (!line) return line.rejection();
  std::vector<LinePtr> lines;
  lines.push_back(std::move(*line));
  if (auto problem = schedule_order(working.header(), lines, working.context)) {
    return std::move(*problem);
  }
  return std::move(lines.front());
}

// One delivery: the latest line holds for all.
void hold_together(const schema::OrderHeaderT& header, AmendedLines& amended) {
  if (header.partial_delivery != schema::PartialDelivery::AllAtOnce || !amended.adds_lines) return;
  std::optional<Day> promised;
  std::optional<Day> ship_by;
  for (const auto& line : amended.lines) {
    if (const auto day = day_of(line->promised_date))
      promised = std::max(promised.value_or(*day), *day);
    if (const auto day = day_of(line->ship_by)) ship_by = std::max(ship_by.value_or(*day), *day);
  }
  for (const auto& line : amended.lines) {
    line->promised_date = stored_day(promised);
    line->ship_by = stored_day(ship_by);
  }
}

}  // namespace

Checked<AmendedLines> amend_lines(Working& working, const schema::AmendOrder& command) {
  AmendedLines amended;
  std::uint32_t highest = 0;
  for (const LineLook& look : working.lines) {
    amended.lines.push_back(std::make_unique<OrderLineT>(*look.state->terms));
    highest = std::max(highest, look.line);
  }
  if (auto problem = remove_lines(working, command.remove(), amended)) return std::move(*problem);
  auto changes = requests_of(command.set(), "set", highest);
  if (!changes) return changes.rejection();
  for (std::size_t i = 0; i < changes->size(); ++i) {
    const auto& change = (*changes)[i];
    if (amended.changed.contains(change.line)) {
      return no(RejectionCode::InvalidArgument, "the line is removed and set", at(i) + "/line");
    }
    const LineLook* look = working.line(change.line);
    auto line =
        look == nullptr ? added_line(working, change, i) : changed_line(working, *look, change, i);
    if (!line) return line.rejection();
    amended.changed.insert(change.line);
    if (look != nullptr) {
      *find(amended, change.line) = **line;
    } else {
      amended.adds_lines = true;
      amended.lines.push_back(std::move(*line));
    }
  }
  if (amended.changed.empty()) {
    return no(RejectionCode::InvalidArgument, "nothing is changed", "/set");
  }
  if (amended.lines.size() > static_cast<std::size_t>(working.context.policy.order.lines_max)) {
    return no(RejectionCode::LimitExceeded, "too many lines", "/set");
  }
  hold_together(working.header(), amended);
  return amended;
}

}  // namespace orderlog::engine::order
