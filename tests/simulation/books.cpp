#include "tests/simulation/books.h"

#include "engine/invariants/invariants.h"
#include "engine/order/status.h"

namespace orderlog::sim {

std::string Books::apply(const schema::Envelope& event) {
  if (event.payload_type() == schema::AnyEvent::SystemEvents) return {};
  const std::string id = event.aggregate_id()->str();
  // Copies of master data for other partitions.
  if (partition_of(id, partitions_).value != event.partition()) return {};
  const Key key{event.payload_type(), id};
  Entry& entry = aggregates_[key];
  const auto& ops = runtime::ops_of(key.first);
  if (!entry.state) {
    entry.state = ops.create();
    ids_[key.first].push_back(id);
  }
  const std::string who =
      std::string(ops.name) + " " + id + ", " + std::string(runtime::event_type_name(event)) + ": ";
  if (event.aggregate_version() != entry.version + 1) {
    return who + "version " + std::to_string(event.aggregate_version()) + " follows " +
           std::to_string(entry.version);
  }
  ++entry.version;
  engine::InvariantChecker checker;
  if (auto broken = checker.check(event)) return who + *broken;
  if (event.occurred_at() > event.recorded_at() + clocks_apart_us_max + late_us_)
    return who + "happened before its time";
  const engine::EventMeta meta{
      id,           event.aggregate_version(), event.occurred_at(), event.actor()->c_str(),
      event.role(), event.authority()};
  ops.evolve(*entry.state, event.payload(), meta);
  const std::string found = wrong(key, entry);
  return found.empty() ? found : who + found;
}

std::string Books::wrong(const Key& key, const Entry& entry) const {
  using namespace engine;
  const auto said = [](std::optional<std::string> found) { return found.value_or(""); };
  if (key.first == schema::AnyEvent::OrderEvents)
    return order::check_invariants(
        static_cast<const runtime::StateOf<OrderAggregate>&>(*entry.state).value);
  if (key.first == schema::AnyEvent::StockEvents)
    return said(
        find_discrepancy(static_cast<const runtime::StateOf<StockAggregate>&>(*entry.state).value));
  if (key.first == schema::AnyEvent::CreditEvents)
    return said(find_discrepancy(
        static_cast<const runtime::StateOf<CreditAggregate>&>(*entry.state).value));
  return {};
}

std::string Books::describe(const schema::Envelope& event) const {
  std::string text;
  const std::string id = event.aggregate_id()->str();
  const auto add = [&](const std::string& name, std::int64_t reserved, std::int64_t picked,
                       std::int64_t backordered) {
    text += " " + name + "=" + std::to_string(reserved) + "/" + std::to_string(picked) + "/" +
            std::to_string(backordered);
  };
  if (event.payload_type() == schema::AnyEvent::OrderEvents) {
    for (const auto& line : state<engine::OrderAggregate>(id)->lines)
      add(std::to_string(line->terms->line) + ":" + line->terms->product_id, line->reserved,
          line->picked, line->backordered);
  }
  if (event.payload_type() == schema::AnyEvent::StockEvents) {
    for (const auto& entry : state<engine::StockAggregate>(id)->ledger.by_age())
      add(entry.reservation_id, entry.reserved, entry.picked, entry.backordered);
  }
  if (event.payload_type() == schema::AnyEvent::OrderEvents)
    text += " credit=" + std::to_string(state<engine::OrderAggregate>(id)->credit_left);
  if (event.payload_type() == schema::AnyEvent::CreditEvents) {
    for (const auto* entry : state<engine::CreditAggregate>(id)->exposures.sorted_entries())
      add(entry->order_id, entry->open_order, entry->open_delivery, entry->open_invoice);
  }
  return text;
}

const std::vector<std::string>& Books::ids(schema::AnyEvent kind) const {
  static const std::vector<std::string> none;
  const auto found = ids_.find(kind);
  return found == ids_.end() ? none : found->second;
}

std::string Books::discrepancy() const {
  using namespace engine;
  for (const auto& id : ids(schema::AnyEvent::OrderEvents)) {
    const auto& order = *state<OrderAggregate>(id);
    for (const auto& line : order.lines) {
      const auto* item =
          state<StockAggregate>(line->terms->product_id + "@" + line->terms->location);
      const auto* entry = item == nullptr
                              ? nullptr
                              : item->ledger.find(id + "/" + std::to_string(line->terms->line));
      const std::int64_t reserved = entry == nullptr ? 0 : entry->reserved;
      const std::int64_t picked = entry == nullptr ? 0 : entry->picked;
      const std::int64_t waiting = entry == nullptr ? 0 : entry->backordered;
      // What of it is picked both hear from the shipment, and cut to what each has just then.
      if (reserved + picked != line->reserved + line->picked || waiting != line->backordered) {
        return "order " + id + " line " + std::to_string(line->terms->line) +
               ": reserved/picked/backordered " + std::to_string(line->reserved) + "/" +
               std::to_string(line->picked) + "/" + std::to_string(line->backordered) +
               ", the stock item has " + std::to_string(reserved) + "/" + std::to_string(picked) +
               "/" + std::to_string(waiting);
      }
    }
    if (!order.header) continue;
    const auto* account = state<CreditAggregate>(order.header->customer_id);
    const auto* exposure = account == nullptr ? nullptr : account->exposures.find(id);
    const std::int64_t open = exposure == nullptr ? 0 : exposure->open_order;
    if (open != order.credit_left) {
      return "order " + id + ": credit left " + std::to_string(order.credit_left) +
             ", in the account " + std::to_string(open);
    }
  }
  return {};
}

}  // namespace orderlog::sim
