// Stock in, goods out, and the carriers.
#include <boost/json.hpp>

#include "connectors/simulator/company.h"

namespace orderlog::simulator {

namespace json = boost::json;

void Company::receive(Article& article, std::int64_t milli) {
  const std::string item = article.sku + "@MAIN";
  wire_.command(
      "ReceiveStock", item,
      {{"stock_item_id", item}, {"quantity", quantity_json(milli)}, {"document", "delivery"}},
      "Warehouse");
  article.received += milli;
}

void Company::hear_warehouse(std::string_view type, const std::string& id,
                             const json::object& data) {
  if (type == "BackorderOpened") {
    auto* short_of = article(std::string_view(id).substr(0, id.find('@')));
    if (short_of == nullptr) return;
    short_of->backordered += milli_of(data, "quantity");
    if (short_of->purchase_under_way) return;
    short_of->purchase_under_way = true;
    later(static_cast<int>(chance("purchase/" + id + std::to_string(today_)).between(3, 9)),
          Morning, [this, short_of] {
            short_of->purchase_under_way = false;
            receive(*short_of, short_of->backordered + 200'000);
            short_of->backordered = 0;
          });
  } else if (type == "ShipmentPlanned") {
    const std::string order = text_of(data, "order_id");
    const auto book = orders_.find(order);
    if (book == orders_.end() || book->second.to_be_cancelled) return;
    shipment_order_[id] = order;
    later(static_cast<int>(chance("pick/" + id).between(1, 2)), Warehouse,
          [this, id, order] { ship(id, order); });
  } else if (type == "ShipmentDispatched") {
    if (const auto* lines = data.if_contains("lines"); lines != nullptr && lines->is_array()) {
      for (const auto& line : lines->get_array()) {
        if (auto* out = article(text_of(line.as_object(), "product_id")))
          out->dispatched += milli_of(line.as_object(), "quantity");
      }
    }
    Dice dice = chance("transit/" + id);
    const bool trouble = dice.percent(8);
    later(static_cast<int>(trouble ? dice.between(7, 15) : dice.between(1, 4)), Carrier,
          [this, id] { deliver(id); });
    if (trouble) {
      later(2, Carrier, [this, id] {
        wire_.command("RecordTracking", id,
                      {{"shipment_id", id},
                       {"code", "Exception"},
                       {"place", "hub"},
                       {"note", "held at the hub"}},
                      "Warehouse");
      });
    }
  } else if (type == "ShipmentDelivered") {
    const auto order = orders_.find(text_of(data, "order_id"));
    if (order == orders_.end()) return;
    const auto on = day_from_text(text_of(data, "delivered_on"));
    if (const auto* lines = data.if_contains("lines"); lines != nullptr && lines->is_array()) {
      for (const auto& line : lines->get_array()) {
        auto& entry = order->second.lines[number_of(line.as_object(), "line")];
        entry.delivered += milli_of(line.as_object(), "quantity");
        entry.delivered_on = on ? *on : 0;
        if (entry.promised != 0 && entry.delivered_on > entry.promised) entry.late = true;
      }
    }
  }
}

void Company::ship(const std::string& shipment, const std::string& order) {
  if (const auto& book = orders_.at(order); book.cancelled) return;
  wire_.command("ReleaseShipment", shipment, {{"shipment_id", shipment}}, "Warehouse", true);
  wire_.command("StartPicking", shipment, {{"shipment_id", shipment}}, "Warehouse", true);
  wire_.command("PackShipment", shipment, {{"shipment_id", shipment}, {"parcels", 1}}, "Warehouse",
                true);
  wire_.command("DispatchShipment", shipment,
                {{"shipment_id", shipment},
                 {"carrier", chance("carrier/" + shipment).percent(50) ? "Swift" : "Steady"},
                 {"tracking", "T-" + shipment}},
                "Warehouse", true);
}

void Company::deliver(const std::string& shipment) {
  Dice dice = chance("door/" + shipment);
  if (dice.percent(4)) {
    wire_.command("RecordFailedDelivery", shipment,
                  {{"shipment_id", shipment}, {"reason", "nobody there"}}, "Warehouse");
    later(1, Carrier, [this, shipment] {
      wire_.command("RecordTracking", shipment,
                    {{"shipment_id", shipment}, {"code", "InTransit"}, {"place", "depot"}},
                    "Warehouse");
      wire_.command("ConfirmDelivery", shipment,
                    {{"shipment_id", shipment}, {"signed_by", "goods in"}}, "Warehouse");
    });
    return;
  }
  wire_.command("ConfirmDelivery", shipment, {{"shipment_id", shipment}, {"signed_by", "goods in"}},
                "Warehouse");
}

}  // namespace orderlog::simulator
