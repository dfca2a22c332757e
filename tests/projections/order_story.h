// An order's events, told as the engine tells them: fat, with counters and amounts.
#pragma once

#include "tests/projections/fixture.h"

namespace orderlog::projections::test {

struct Sold {
  std::uint32_t line = 1;
  std::string product = "P-1";
  std::string product_class = "tea";
  std::int64_t count = 10;
  std::int64_t unit_minor = 1'000;
  Day promised = 0;
  std::string site = "MAIN";
  std::int64_t cancelled = 0;
  std::int64_t shipped = 0;
  std::int64_t delivered = 0;
};

class OrderStory {
 public:
  OrderStory(WrittenLog& log, std::string order_id, std::string customer_id, std::vector<Sold> sold)
      : id(std::move(order_id)),
        customer(std::move(customer_id)),
        lines(std::move(sold)),
        log_(log) {}

  std::string id;
  std::string customer;
  std::vector<Sold> lines;
  std::string region = "USA";
  std::string salesperson = "sam";
  std::string channel = "web";
  std::string carrier;
  Day booked_on = day("2024-01-15");
  schema::Currency currency = schema::Currency::USD;
  // What 1000 minor units are worth in the company's euros; 0: no base amounts.
  std::int64_t base_per_thousand = 0;

  Position submit() {
    schema::OrderSubmittedT event;
    event.header = own(header());
    event.lines = order_lines();
    event.totals = own(totals());
    return log_.add(id, std::move(event));
  }
  Position approve() {
    schema::OrderApprovedT event;
    event.dimensions = own(dimensions());
    event.lines = order_lines();
    event.totals = own(totals());
    return log_.add(id, std::move(event));
  }
  Position release() { return log_.add(id, schema::OrderReleasedT()); }
  Position place() {
    submit();
    approve();
    return release();
  }

  Position reserve(std::uint32_t line, std::int64_t reserved, std::int64_t backordered = 0) {
    schema::OrderLineReservedT event;
    event.line = line;
    event.quantity = event.reserved = units(reserved);
    event.backordered = units(backordered);
    return log_.add(id, std::move(event));
  }
  Position pick(const std::string& shipment, std::uint32_t line, std::int64_t count) {
    schema::OrderLinesPickedT event;
    event.shipment_id = shipment;
    event.lines.push_back(own(part(line, count)));
    return log_.add(id, std::move(event));
  }
  Position ship(const std::string& shipment, std::uint32_t line, std::int64_t count, Day on) {
    sold(line).shipped += count;
    schema::OrderLinesShippedT event;
    event.shipment_id = shipment;
    event.lines.push_back(own(progress(line, count, on)));
    event.shipped_on = on;
    event.carrier = carrier;
    event.customer_id = customer;
    event.dimensions = own(dimensions());
    return log_.add(id, std::move(event));
  }
  Position deliver(const std::string& shipment, std::uint32_t line, std::int64_t count, Day on) {
    sold(line).delivered += count;
    schema::OrderLinesDeliveredT event;
    event.shipment_id = shipment;
    event.lines.push_back(own(progress(line, count, on)));
    event.delivered_on = on;
    event.carrier = carrier;
    event.customer_id = customer;
    event.dimensions = own(dimensions());
    return log_.add(id, std::move(event));
  }
  // Takes quantity out of a line, with its share of the amounts.
  Position cancel(std::uint32_t line, std::int64_t count, Day today) {
    sold(line).cancelled += count;
    schema::OrderLineCancelledT event;
    event.line = line;
    event.quantity = units(count);
    event.reason = "changed mind";
    event.amounts = own(order_line(sold(line), count));
    event.booked = true;
    event.dimensions = own(dimensions());
    event.dimensions->booked_on = today;  // as the engine does: the day of the cancellation
    event.base_amount = base(count * sold(line).unit_minor * 11 / 10);
    return log_.add(id, std::move(event));
  }
  Position cancel_order() {
    schema::OrderCancelledT event;
    event.reason = "changed mind";
    event.customer_id = customer;
    return log_.add(id, std::move(event));
  }
  Position delay(std::vector<std::uint32_t> numbers, schema::DelayLevel level,
                 schema::DelayKind kind = schema::DelayKind::DeliverByMissed) {
    schema::DeliveryDelayedT event;
    event.lines = std::move(numbers);
    event.level = level;
    event.kind = kind;
    event.cause = schema::DelayCause::Stock;
    event.customer_id = customer;
    event.step_blocked = "stock";
    return log_.add(id, std::move(event));
  }
  Position clear(std::vector<std::uint32_t> numbers, schema::DelayLevel level,
                 schema::DelayKind kind = schema::DelayKind::DeliverByMissed) {
    schema::DelayClearedT event;
    event.lines = std::move(numbers);
    event.level = level;
    event.kind = kind;
    event.how = "delivered";
    return log_.add(id, std::move(event));
  }

  Sold& sold(std::uint32_t line) {
    return const_cast<Sold&>(std::as_const(*this).sold(line));  // *this is not const here
  }
  const Sold& sold(std::uint32_t line) const {
    for (const Sold& candidate : lines) {
      if (candidate.line == line) return candidate;
    }
    ADD_FAILURE() << "no line " << line;
    return lines.front();
  }
  Money amount(std::int64_t minor) const { return Money(minor, currency); }

  schema::SalesDimensionsT dimensions() const {
    schema::SalesDimensionsT dimensions;
    dimensions.customer_id = customer;
    dimensions.region = region;
    dimensions.channel = channel;
    dimensions.salesperson = salesperson;
    dimensions.booked_on = booked_on;
    dimensions.grade = schema::Grade::B;
    return dimensions;
  }
  // 10 % of tax, cost is 60 % of the net.
  schema::OrderLineT order_line(const Sold& sold, std::int64_t count) const {
    schema::OrderLineT line;
    line.line = sold.line;
    line.product_id = sold.product;
    line.product_class = sold.product_class;
    line.location = sold.site;
    line.quantity = units(count);
    line.price = own(schema::PriceExplanationT());
    line.price->unit_price = UnitPrice(sold.unit_minor, currency, 2);
    line.gross = line.net = amount(count * sold.unit_minor);
    line.tax = amount(count * sold.unit_minor / 10);
    line.cost = amount(count * sold.unit_minor * 6 / 10);
    line.promised_date = sold.promised;
    return line;
  }
  schema::OrderTotalsT totals() const {
    std::int64_t net = 0;
    for (const Sold& sold : lines) net += (sold.count - sold.cancelled) * sold.unit_minor;
    schema::OrderTotalsT totals;
    totals.gross = totals.net = amount(net);
    totals.tax = amount(net / 10);
    totals.total = amount(net + net / 10);
    totals.base_total = base(net + net / 10);
    return totals;
  }
  Money base(std::int64_t minor) const {
    if (base_per_thousand == 0) return Money();
    return Money(minor * base_per_thousand / 1'000, schema::Currency::EUR);
  }

 private:
  schema::OrderHeaderT header() const {
    schema::OrderHeaderT header;
    header.customer_id = customer;
    header.currency = currency;
    header.channel = channel;
    header.salesperson = salesperson;
    header.region = region;
    header.time_zone = "UTC";
    header.external_reference = "PO-" + id;
    header.carrier = carrier;
    header.ship_to = own(schema::AddressT());
    header.ship_to->city = "Reims";
    return header;
  }
  std::vector<std::unique_ptr<schema::OrderLineT>> order_lines() const {
    std::vector<std::unique_ptr<schema::OrderLineT>> result;
    for (const Sold& sold : lines) {
      result.push_back(own(order_line(sold, sold.count - sold.cancelled)));
    }
    return result;
  }
  static schema::ShippedQuantityT part(std::uint32_t line, std::int64_t count) {
    schema::ShippedQuantityT part;
    part.line = line;
    part.quantity = units(count);
    return part;
  }
  schema::LineProgressT progress(std::uint32_t line, std::int64_t count, Day on) {
    const Sold& sold = this->sold(line);
    schema::LineProgressT progress;
    progress.line = line;
    progress.product_id = sold.product;
    progress.location = sold.site;
    progress.quantity = units(count);
    progress.ordered = units(sold.count);
    progress.cancelled = units(sold.cancelled);
    progress.shipped = units(sold.shipped);
    progress.delivered = units(sold.delivered);
    progress.promised_date = sold.promised;
    progress.late_days = std::max(0, on - sold.promised);
    progress.in_full = sold.delivered >= sold.count - sold.cancelled;
    return progress;
  }

  WrittenLog& log_;
};

}  // namespace orderlog::projections::test
