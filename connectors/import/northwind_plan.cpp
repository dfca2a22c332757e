// How the files are read: an order is submitted on orderDate with the promise requiredDate; it is
// dispatched, and taken as delivered, on shippedDate; the sales person is employeeID, the region
// the ship country, the product class the category; the initial stock is unitsInStock plus all that
// was shipped. Open orders come last: what they hold is reserved out of the stock that is left.
// Longer than 400 lines because it is one story, told file by file in the order of its commands.
// Must hold: what a row's commands say depends on that row alone (the opening time on all order
// dates), so that a bad row that is mended later changes no other row's commands.
#include "connectors/import/northwind_plan.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>

#include "connectors/import/csv_reader.h"
#include "events/base/decimal.h"
#include "events/base/money.h"
#include "events/base/quantity.h"

namespace orderlog::import {
namespace {

namespace json = boost::json;
using schema::Currency;

constexpr std::string_view location = "MAIN";
constexpr int rank_master = 0;
constexpr int rank_place = 1;
constexpr int rank_plan = 2;
constexpr int rank_dispatch = 3;
constexpr int rank_deliver = 4;

struct Line {
  std::uint64_t row = 0;
  std::string product;
  schema::UnitPrice unit_price;
  schema::Quantity quantity;
  std::int64_t discount_ppm = 0;
  std::int64_t net_minor = 0;
};

struct Files {
  CsvTable categories, customers, products, shippers, orders, details;
};

class Planner {
 public:
  explicit Planner(Files files) : files_(std::move(files)) {}

  NorthwindPlan plan() {
    read_shapes();
    read_names();
    read_lines();
    read_orders();
    add_master_data();
    std::stable_sort(plan_.commands.begin(), plan_.commands.end(),
                     [](const auto& a, const auto& b) {
                       return std::tie(a.occurred_at, a.rank) < std::tie(b.occurred_at, b.rank);
                     });
    for (auto& command : open_orders_) plan_.commands.push_back(std::move(command));
    return std::move(plan_);
  }

 private:
  void bad(const CsvTable& table, const CsvRow& row, std::string column, std::string reason) {
    plan_.bad_rows.push_back({table.name(), row.number, std::move(column), std::move(reason)});
  }

  std::optional<TimestampUs> date(const CsvTable& table, const CsvRow& row,
                                  const std::string& column, bool required) {
    const auto text = table.field(row, column);
    if (text.empty()) {
      if (required) bad(table, row, column, "a date is missing");
      return std::nullopt;
    }
    const auto at = timestamp_from_loose_text(text);
    if (!at) {
      bad(table, row, column, at.error().message);
      return std::nullopt;
    }
    return *at;
  }

  void read_shapes() {
    for (const auto* table : {&files_.categories, &files_.customers, &files_.products,
                              &files_.shippers, &files_.orders, &files_.details}) {
      for (const auto& row : table->misshapen()) {
        bad(*table, row, "",
            "has " + std::to_string(row.fields.size()) + " fields, the header " +
                std::to_string(table->columns().size()));
      }
      if (table->mended() == 0) continue;
      plan_.oddities.push_back(
          table->name() + ": " + std::to_string(table->mended()) +
          " rows have a comma that is not quoted; it is taken as part of the address");
    }
  }

  void read_names() {
    plan_.rows = files_.categories.rows().size() + files_.customers.rows().size() +
                 files_.products.rows().size() + files_.shippers.rows().size() +
                 files_.orders.rows().size() + files_.details.rows().size();
    for (const auto& row : files_.categories.rows()) {
      categories_[std::string(files_.categories.field(row, "categoryID"))] =
          files_.categories.field(row, "categoryName");
    }
    for (const auto& row : files_.shippers.rows()) {
      carriers_[std::string(files_.shippers.field(row, "shipperID"))] =
          files_.shippers.field(row, "companyName");
    }
    for (const auto& row : files_.customers.rows())
      customers_.emplace(files_.customers.field(row, "customerID"));
    for (const auto& row : files_.products.rows())
      products_.emplace(files_.products.field(row, "productID"));
  }

  void read_lines() {
    const auto& t = files_.details;
    for (const auto& row : t.rows()) {
      const std::string order(t.field(row, "orderID"));
      if (order.empty()) {
        bad(t, row, "orderID", "is missing");
        continue;
      }
      auto line = read_line(row);
      if (!line) {
        broken_orders_.emplace(order, row.number);
        continue;
      }
      lines_[order].push_back(*line);
    }
  }

  std::optional<Line> read_line(const CsvRow& row) {
    const auto& t = files_.details;
    Line line;
    line.row = row.number;
    line.product = std::string(t.field(row, "productID"));
    if (!products_.contains(line.product))
      return bad(t, row, "productID", "no such product"), std::nullopt;
    const auto price = unit_price_from_text(t.field(row, "unitPrice"), Currency::USD);
    if (!price || price->mantissa() < 0) {
      return bad(t, row, "unitPrice",
                 "expected a price, found \"" + std::string(t.field(row, "unitPrice")) + "\""),
             std::nullopt;
    }
    const auto quantity = quantity_from_text(t.field(row, "quantity"));
    if (!quantity || quantity->milli() <= 0) {
      return bad(t, row, "quantity",
                 "expected a quantity above zero, found \"" +
                     std::string(t.field(row, "quantity")) + "\""),
             std::nullopt;
    }
    const auto ppm = fixed_from_text(t.field(row, "discount"), 6);
    if (!ppm || *ppm < 0 || *ppm > 1'000'000) {
      return bad(t, row, "discount",
                 "expected a fraction from 0 to 1, found \"" +
                     std::string(t.field(row, "discount")) + "\""),
             std::nullopt;
    }
    line.unit_price = *price;
    line.quantity = *quantity;
    line.discount_ppm = *ppm;
    const auto net = net_of(line);
    if (!net) return bad(t, row, "unitPrice", "the amount is too large"), std::nullopt;
    line.net_minor = *net;
    return line;
  }

  // price x quantity x (1 - discount), rounded once, half to even: as the engine does it.
  static std::optional<std::int64_t> net_of(const Line& line) {
    const __int128 exact = static_cast<__int128>(line.unit_price.mantissa()) *
                           line.quantity.milli() * (1'000'000 - line.discount_ppm);
    __int128 divisor = static_cast<__int128>(1'000) * 1'000'000;
    for (int digits = 2; digits < line.unit_price.digits(); ++digits) divisor *= 10;
    __int128 scaled = exact;
    for (int digits = line.unit_price.digits(); digits < 2; ++digits) scaled *= 10;
    __int128 rounded = scaled / divisor;
    const __int128 rest = scaled % divisor * 2;
    if (rest > divisor || (rest == divisor && rounded % 2 != 0)) ++rounded;
    if (rounded > INT64_MAX / 4) return std::nullopt;
    return static_cast<std::int64_t>(rounded);
  }

  void read_orders() {
    std::set<std::string> seen;
    for (const auto& row : files_.orders.rows()) {
      const std::string id(files_.orders.field(row, "orderID"));
      if (!id.empty() && !seen.insert(id).second) {
        bad(files_.orders, row, "orderID", "the order is there twice");
        continue;
      }
      read_order(row, id);
    }
    for (const auto& [order, lines] : lines_) {
      if (seen.contains(order)) continue;
      plan_.bad_rows.push_back(
          {files_.details.name(), lines.front().row, "orderID", "there is no order " + order});
    }
  }

  void read_order(const CsvRow& row, const std::string& id) {
    const auto& t = files_.orders;
    const std::size_t errors_before = plan_.bad_rows.size();
    if (id.empty()) bad(t, row, "orderID", "is missing");
    if (!customers_.contains(std::string(t.field(row, "customerID"))))
      bad(t, row, "customerID", "no such customer");
    const auto ordered = date(t, row, "orderDate", true);
    const auto required = date(t, row, "requiredDate", true);
    const auto shipped = date(t, row, "shippedDate", false);
    const auto freight_text = t.field(row, "freight");
    const auto freight = money_from_text(freight_text.empty() ? "0" : freight_text, Currency::USD);
    if (!freight) bad(t, row, "freight", freight.error().message);
    if (const auto broken = broken_orders_.find(id); broken != broken_orders_.end()) {
      bad(t, row, "orderID",
          "its line in order-details.csv, row " + std::to_string(broken->second) + ", is bad");
    } else if (!lines_.contains(id)) {
      bad(t, row, "orderID", "the order has no lines");
    }
    if (ordered) first_order_ = std::min(first_order_.value_or(*ordered), *ordered);
    if (plan_.bad_rows.size() != errors_before) return;

    ++plan_.orders;
    plan_.lines += lines_[id].size();
    for (const auto& line : lines_[id]) plan_.net_minor += line.net_minor;
    PlannedCommand place = command("PlaceOrder", id, *ordered, rank_place,
                                   order_body(row, id, *required, freight->minor()));
    locate(place, t, row);
    if (!shipped) {
      ++plan_.open;
      for (const auto& line : lines_[id]) open_milli_[line.product] += line.quantity.milli();
      open_orders_.push_back(std::move(place));
      return;
    }
    ++plan_.shipped;
    plan_.commands.push_back(std::move(place));
    shipped_orders_.emplace_back(id, row);
    add_shipment(row, id, *shipped, *required);
  }

  json::object order_body(const CsvRow& row, const std::string& id, TimestampUs required,
                          std::int64_t freight_minor) {
    const auto& t = files_.orders;
    const std::string promise = day_to_text(utc_day(required));
    json::object header{{"customer_id", t.field(row, "customerID")},
                        {"currency", "USD"},
                        {"channel", "northwind"},
                        {"salesperson", t.field(row, "employeeID")},
                        {"region", t.field(row, "shipCountry")},
                        {"time_zone", "UTC"},
                        {"ship_to", ship_to(row)},
                        {"requested_date", promise},
                        {"promised_date", promise},
                        {"freight", json::object{{"minor", freight_minor}, {"currency", "USD"}}},
                        {"carrier", carrier(row)},
                        {"backorder", "Always"}};
    json::array lines;
    std::uint64_t number = 0;
    for (const auto& line : lines_[id]) {
      lines.push_back(
          json::object{{"line", ++number},
                       {"product_id", line.product},
                       {"location", location},
                       {"quantity", json::object{{"milli", line.quantity.milli()}}},
                       {"unit_price", json::object{{"mantissa", line.unit_price.mantissa()},
                                                   {"currency", "USD"},
                                                   {"digits", line.unit_price.digits()}}},
                       {"discount_ppm", line.discount_ppm}});
    }
    return {{"order_id", id}, {"header", std::move(header)}, {"lines", std::move(lines)}};
  }

  json::object ship_to(const CsvRow& row) const {
    const auto& t = files_.orders;
    return {{"name", t.field(row, "shipName")},
            {"street", t.field(row, "shipAddress")},
            {"city", t.field(row, "shipCity")},
            {"region", t.field(row, "shipRegion")},
            {"postal_code", t.field(row, "shipPostalCode")},
            {"country", t.field(row, "shipCountry")}};
  }

  std::string carrier(const CsvRow& row) const {
    const auto found = carriers_.find(std::string(files_.orders.field(row, "shipVia")));
    return found == carriers_.end() ? std::string() : found->second;
  }

  void add_shipment(const CsvRow& row, const std::string& order, TimestampUs at,
                    TimestampUs required) {
    const std::string shipment = order + "-S1";
    json::array lines;
    std::uint64_t number = 0;
    for (const auto& line : lines_[order]) {
      ++number;
      lines.push_back(json::object{{"line", number},
                                   {"product_id", line.product},
                                   {"stock_item_id", line.product + "@" + std::string(location)},
                                   {"reservation_id", order + "/" + std::to_string(number)},
                                   {"quantity", json::object{{"milli", line.quantity.milli()}}}});
    }
    json::object body{{"shipment_id", shipment},
                      {"order_id", order},
                      {"customer_id", files_.orders.field(row, "customerID")},
                      {"lines", std::move(lines)},
                      {"ship_to", ship_to(row)},
                      {"carrier", carrier(row)},
                      {"promised_date", day_to_text(utc_day(required))},
                      {"time_zone", "UTC"}};
    const auto add = [&](const char* name, int rank, json::object content) {
      auto planned = command(name, shipment, at, rank, std::move(content));
      locate(planned, files_.orders, row);
      plan_.commands.push_back(std::move(planned));
    };
    add("PlanShipment", rank_plan, std::move(body));
    add("DispatchShipment", rank_dispatch, {{"shipment_id", shipment}, {"carrier", carrier(row)}});
    add("ConfirmDelivery", rank_deliver, {{"shipment_id", shipment}});
  }

  void add_master_data() {
    const TimestampUs at = first_order_.value_or(0);
    for (const auto& row : files_.customers.rows()) {
      const auto& t = files_.customers;
      const std::string id(t.field(row, "customerID"));
      if (id.empty()) {
        bad(t, row, "customerID", "is missing");
        continue;
      }
      json::object profile{{"name", t.field(row, "companyName")},
                           {"contact", json::object{{"name", t.field(row, "contactName")},
                                                    {"title", t.field(row, "contactTitle")},
                                                    {"phone", t.field(row, "phone")}}},
                           {"address", json::object{{"street", t.field(row, "address")},
                                                    {"city", t.field(row, "city")},
                                                    {"region", t.field(row, "region")},
                                                    {"postal_code", t.field(row, "postalCode")},
                                                    {"country", t.field(row, "country")}}},
                           {"region", t.field(row, "country")},
                           {"source", "northwind"},
                           {"time_zone", "UTC"},
                           {"currency", "USD"}};
      add_master("RegisterCustomer", id, at, {{"customer_id", id}, {"profile", std::move(profile)}},
                 t, row);
    }
    for (const auto& row : files_.products.rows()) add_product(row, at);
    for (const auto& [order, row] : shipped_orders_) {
      std::uint64_t number = 0;
      for (const auto& line : lines_[order]) {
        add_opening_stock(line.product, order + "-" + std::to_string(++number),
                          line.quantity.milli(), at, files_.orders, row);
      }
    }
  }

  // One receipt for what is left in the end, one for each line that was shipped.
  void add_opening_stock(const std::string& product, const std::string& document,
                         std::int64_t milli, TimestampUs at, const CsvTable& table,
                         const CsvRow& row) {
    if (milli == 0) return;
    const std::string item = product + "@" + std::string(location);
    auto planned = command("ReceiveStock", item + "/" + document, at, rank_master,
                           {{"stock_item_id", item},
                            {"quantity", json::object{{"milli", milli}}},
                            {"document", "northwind-" + document}});
    locate(planned, table, row);
    plan_.commands.push_back(std::move(planned));
  }

  void add_product(const CsvRow& row, TimestampUs at) {
    const auto& t = files_.products;
    const std::string id(t.field(row, "productID"));
    const auto price = unit_price_from_text(t.field(row, "unitPrice"), Currency::USD);
    const auto in_stock = quantity_from_text(t.field(row, "unitsInStock"));
    const auto category = categories_.find(std::string(t.field(row, "categoryID")));
    if (id.empty()) return bad(t, row, "productID", "is missing");
    if (!price || price->mantissa() < 0) return bad(t, row, "unitPrice", "expected a price");
    if (!in_stock || in_stock->milli() < 0)
      return bad(t, row, "unitsInStock", "expected a quantity");
    if (category == categories_.end()) return bad(t, row, "categoryID", "no such category");
    json::object profile{{"name", t.field(row, "productName")},
                         {"product_class", category->second},
                         {"base_unit", t.field(row, "quantityPerUnit")},
                         {"supplier", t.field(row, "supplierID")}};
    json::object body{{"product_id", id},
                      {"profile", std::move(profile)},
                      {"base_price", json::object{{"mantissa", price->mantissa()},
                                                  {"currency", "USD"},
                                                  {"digits", price->digits()}}}};
    add_master("DefineProduct", id, at, std::move(body), t, row);
    add_opening_stock(id, "opening", in_stock->milli(), at, t, row);
    if (open_milli_[id] > in_stock->milli()) {
      plan_.shortages.push_back("product " + id + ": open orders ask for " +
                                std::to_string(open_milli_[id] / 1'000) + ", in stock " +
                                std::to_string(in_stock->milli() / 1'000));
    }
  }

  void add_master(const char* name, const std::string& id, TimestampUs at, json::object body,
                  const CsvTable& table, const CsvRow& row) {
    auto planned = command(name, id, at, rank_master, std::move(body));
    locate(planned, table, row);
    plan_.commands.push_back(std::move(planned));
  }

  static PlannedCommand command(const char* name, const std::string& id, TimestampUs at, int rank,
                                json::object body) {
    PlannedCommand planned;
    planned.occurred_at = at;
    planned.rank = rank;
    planned.key = std::string("northwind/") + name + "/" + id;
    body["command"] = name;
    body["occurred_at"] = timestamp_to_text(at);
    body["idempotency_key"] = planned.key;
    body["actor"] = "import";
    body["authority"] = "Import";
    planned.line = json::serialize(body);
    return planned;
  }

  static void locate(PlannedCommand& planned, const CsvTable& table, const CsvRow& row) {
    planned.file = table.name();
    planned.row = row.number;
  }

  Files files_;
  NorthwindPlan plan_;
  std::map<std::string, std::string> categories_;
  std::map<std::string, std::string> carriers_;
  std::set<std::string> customers_;
  std::set<std::string> products_;
  std::map<std::string, std::vector<Line>> lines_;
  std::map<std::string, std::uint64_t> broken_orders_;
  std::vector<std::pair<std::string, CsvRow>> shipped_orders_;
  std::map<std::string, std::int64_t> open_milli_;
  std::optional<TimestampUs> first_order_;
  std::vector<PlannedCommand> open_orders_;
};

}  // namespace

Result<NorthwindPlan> plan_northwind(const std::string& folder) {
  const auto read = [&](const char* file, std::vector<std::string> columns,
                        const char* comma_column = "") {
    return CsvTable::read(folder + "/" + file, columns, comma_column);
  };
  auto categories = read("categories.csv", {"categoryID", "categoryName"});
  auto customers = read("customers.csv", {"customerID", "companyName", "country"}, "address");
  auto products =
      read("products.csv", {"productID", "productName", "categoryID", "unitPrice", "unitsInStock"});
  auto shippers = read("shippers.csv", {"shipperID", "companyName"});
  auto orders = read("orders.csv",
                     {"orderID", "customerID", "employeeID", "orderDate", "requiredDate",
                      "shippedDate", "shipVia", "freight", "shipCountry"},
                     "shipAddress");
  auto details =
      read("order-details.csv", {"orderID", "productID", "unitPrice", "quantity", "discount"});
  for (const auto* table : {&categories, &customers, &products, &shippers, &orders, &details}) {
    if (!*table) return table->error();
  }
  return Planner({*categories, *customers, *products, *shippers, *orders, *details}).plan();
}

}  // namespace orderlog::import
