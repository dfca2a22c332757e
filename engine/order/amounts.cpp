#include "engine/order/amounts.h"

#include <algorithm>

namespace orderlog::engine::order {

namespace {

// Parts of int64 amounts by int64 shares below 1 always fit.
std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole, Rounding rounding) {
  if (whole == 0 || part == whole) return amount;
  return fraction_of(Money(amount, schema::Currency::None), part, whole, rounding)
      .value_or(Money())
      .minor();
}

Rounding rounding_of(const Working& working) {
  return working.context.policy.rounding_of(working.header().currency);
}

// The running total of one amount of a line after `part` of `whole`, less what went before.
std::int64_t next_share(std::int64_t amount, std::int64_t part, std::int64_t whole,
                        std::int64_t before, Rounding rounding) {
  return std::max<std::int64_t>(0, share(amount, part, whole, rounding) - before);
}

// Minor units of base currency that stand for the first `part` of the order's total.
std::int64_t base_up_to(const Working& working, std::int64_t part) {
  return share(working.base_total, part, working.total,
               working.context.policy.rounding_of(working.context.policy.base_currency));
}

bool anything_open(const Working& working) {
  return std::any_of(working.lines.begin(), working.lines.end(),
                     [](const LineLook& line) { return open_of(line) > 0; });
}

// What invoices have asked for so far, freight included.
std::int64_t requested_total(const Working& working) {
  std::int64_t total = working.order.freight_invoiced;
  for (const LineLook& line : working.lines) {
    total += line.state->invoiced_net + line.state->invoiced_tax;
  }
  return total;
}

std::unique_ptr<schema::InvoiceShareT> share_of(const Working& working, const LineLook& line,
                                                std::int64_t quantity) {
  const schema::OrderLineStateT& state = *line.state;
  const schema::OrderLineT& terms = *state.terms;
  const std::int64_t part = line.invoice_requested + quantity;
  const std::int64_t whole = live_of(line);
  const Rounding rounding = rounding_of(working);
  const auto amount = [&](const Money& all, std::int64_t before) {
    return Money(next_share(all.minor(), part, whole, before, rounding), all.currency());
  };
  auto result = std::make_unique<schema::InvoiceShareT>();
  result->line = line.line;
  result->product_id = terms.product_id;
  result->quantity = Quantity(quantity);
  result->gross = amount(terms.gross, state.invoiced_gross);
  result->net = amount(terms.net, state.invoiced_net);
  result->discount = Money(result->gross.minor() - result->net.minor(), working.header().currency);
  result->tax = amount(terms.tax, state.invoiced_tax);
  return result;
}

}  // namespace

schema::OrderLineT amounts_leaving(const Working& working, const LineLook& line,
                                   std::int64_t quantity) {
  const schema::OrderLineStateT& state = *line.state;
  const schema::OrderLineT& terms = *state.terms;
  const std::int64_t live = live_of(line);
  const std::int64_t left = live - quantity;
  const Rounding rounding = rounding_of(working);
  const auto leaving = [&](const Money& all, std::int64_t invoiced) {
    const std::int64_t kept = left == line.invoice_requested
                                  ? invoiced
                                  : std::max(invoiced, share(all.minor(), left, live, rounding));
    return Money(all.minor() - kept, all.currency());
  };
  schema::OrderLineT amounts = terms;
  amounts.quantity = Quantity(quantity);
  amounts.gross = leaving(terms.gross, state.invoiced_gross);
  amounts.net = leaving(terms.net, state.invoiced_net);
  amounts.discount = Money(amounts.gross.minor() - amounts.net.minor(), working.header().currency);
  amounts.tax = leaving(terms.tax, state.invoiced_tax);
  amounts.cost = Money(terms.cost.minor() - share(terms.cost.minor(), left, live, rounding),
                       terms.cost.currency());
  return amounts;
}

Money take_from_total(Working& working, const schema::OrderLineT& amounts) {
  const std::int64_t after = working.total - amounts.net.minor() - amounts.tax.minor();
  const std::int64_t base_after = base_up_to(working, after);
  const Money taken(working.base_total - base_after, working.context.policy.base_currency);
  working.total = after;
  working.base_total = base_after;
  return taken;
}

Money release_credit(Working& working, const Money& base) {
  const std::int64_t released =
      anything_open(working) ? std::min(working.credit_left, base.minor()) : working.credit_left;
  working.credit_left -= released;
  return Money(released, base.currency());
}

schema::InvoiceRequestT invoice_for(const Working& working, const Parts& parts) {
  const auto& order = working.order;
  const schema::Currency currency = working.header().currency;
  schema::InvoiceRequestT request;
  request.invoice_id =
      std::string(working.context.aggregate_id) + "-I" + std::to_string(order.next_invoice + 1);
  std::int64_t total = 0;
  for (const auto& [line, quantity] : parts) {
    auto part = share_of(working, *line, quantity);
    total += part->net.minor() + part->tax.minor();
    request.lines.push_back(std::move(part));
  }
  const std::int64_t freight = order.totals->freight.minor() - order.freight_invoiced;
  total += freight;
  request.freight = Money(freight, currency);
  request.total = Money(total, currency);
  const std::int64_t before = requested_total(working);
  request.base_total = Money(base_up_to(working, before + total) - base_up_to(working, before),
                             working.context.policy.base_currency);
  if (working.header().payment_terms) {
    request.payment_terms =
        std::make_unique<schema::PaymentTermsT>(*working.header().payment_terms);
  }
  if (working.header().exchange_rate) {
    request.exchange_rate =
        std::make_unique<schema::ExchangeRateT>(*working.header().exchange_rate);
  }
  return request;
}

Money exposure_of(Working& working, const Parts& parts) {
  std::int64_t value = working.order.exposed_base == 0 && working.order.totals
                           ? working.order.totals->freight.minor()
                           : 0;
  for (const auto& [line, quantity] : parts) {
    const schema::OrderLineT& terms = *line->state->terms;
    value += share(terms.net.minor() + terms.tax.minor(), quantity, live_of(*line),
                   rounding_of(working));
  }
  return release_credit(working,
                        Money(base_up_to(working, value), working.context.policy.base_currency));
}

}  // namespace orderlog::engine::order
