// Opening the company, its diary, and the way from an event to the desks.
#include "connectors/simulator/company.h"

#include <algorithm>
#include <boost/json.hpp>

namespace orderlog::simulator {

namespace json = boost::json;

namespace {

constexpr std::int64_t us_per_hour = 3'600'000'000LL;
constexpr std::int64_t us_per_day = 24 * us_per_hour;
constexpr std::int64_t orders_a_day = 160;
constexpr std::array<int, moments_a_day> moment_hours{7, 9, 12, 14, 15};
constexpr int articles_count = 60;
constexpr int buyers_count = 150;

}  // namespace

json::object money_json(std::int64_t minor) { return {{"minor", minor}, {"currency", "USD"}}; }
json::object quantity_json(std::int64_t milli) { return {{"milli", milli}}; }

std::string text_of(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::int64_t minor_of(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_object() ? number_of(value->get_object(), "minor") : 0;
}

std::int64_t milli_of(const json::object& object, std::string_view member) {
  const auto* value = object.if_contains(member);
  return value != nullptr && value->is_object() ? number_of(value->get_object(), "milli") : 0;
}

Company::Company(const SimulatorOptions& options, Wire& wire, TimestampUs first_day)
    : options_(options),
      wire_(wire),
      first_day_(first_day),
      prefix_("S" + std::to_string(options.seed) + "-" + std::to_string(first_day / us_per_day) +
              "-"),
      selling_days_(static_cast<int>(std::max<std::int64_t>(
          5, (static_cast<std::int64_t>(options.orders) + orders_a_day - 1) / orders_a_day))),
      orders_left_(static_cast<std::int64_t>(options.orders)) {
  open_for_business();
}

TimestampUs Company::time_of(int day, Moment moment) const {
  return first_day_ + day * us_per_day +
         moment_hours[static_cast<std::size_t>(moment)] * us_per_hour;
}

void Company::open_for_business() {
  static const std::vector<std::string> classes{"Tea",  "Coffee",  "Spices",
                                                "Cups", "Kettles", "Sweets"};
  static const std::vector<std::string> regions{"North", "South", "East", "West"};
  Dice dice = chance("opening");
  for (int i = 0; i < articles_count; ++i) {
    Article article;
    article.sku = prefix_ + "A" + std::to_string(i);
    article.product_class = classes[static_cast<std::size_t>(i) % classes.size()];
    article.price_minor = dice.between(200, 9'000);
    article_by_sku_.emplace(article.sku, articles_.size());
    articles_.push_back(std::move(article));
  }
  for (int i = 0; i < buyers_count; ++i) {
    buyers_.push_back(
        {prefix_ + "C" + std::to_string(i), dice.pick(regions), "sales-" + std::to_string(i % 7)});
  }
  later(0, Morning, [this] {
    for (auto& article : articles_) {
      wire_.command(
          "DefineProduct", article.sku,
          {{"product_id", article.sku},
           {"profile",
            json::object{{"name", "Article " + article.sku},
                         {"product_class", article.product_class},
                         {"base_unit", "piece"},
                         {"unit_cost", json::object{{"mantissa", article.price_minor / 2},
                                                    {"currency", "USD"},
                                                    {"digits", 2}}}}},
           {"base_price",
            json::object{{"mantissa", article.price_minor}, {"currency", "USD"}, {"digits", 2}}}},
          "Admin");
      Dice stock = chance("stock/" + article.sku);
      // Some articles are scarce from the start.
      receive(article,
              (stock.percent(20) ? stock.between(5, 40) : stock.between(300, 3'000)) * 1'000);
    }
    static const std::vector<std::string> grades{"A", "A", "B", "B", "B", "C", "C", "D"};
    for (std::size_t i = 0; i < buyers_.size(); ++i) {
      const Buyer& buyer = buyers_[i];
      wire_.command("RegisterCustomer", buyer.id,
                    {{"customer_id", buyer.id},
                     {"profile", json::object{{"name", "Customer " + buyer.id},
                                              {"region", buyer.region},
                                              {"time_zone", "Europe/Berlin"},
                                              {"currency", "USD"},
                                              {"salesperson", buyer.salesperson},
                                              {"address", json::object{{"street", "Main Street 1"},
                                                                       {"city", "Town"},
                                                                       {"country", "DE"}}}}}},
                    "Sales");
      wire_.command(
          "GradeCustomer", buyer.id,
          {{"customer_id", buyer.id}, {"grade", grades[i % grades.size()]}, {"reason", "opening"}},
          "CreditOfficer");
      wire_.command(
          "SetCreditLimit", buyer.id,
          {{"customer_id", buyer.id}, {"limit", money_json(i % 10 == 0 ? 300'000 : 500'000'000)}},
          "CreditOfficer");
    }
  });
  for (int day = 0; day < selling_days_; ++day) {
    later(day, Sales, [this, day] {
      const auto days_left = selling_days_ - day;
      const auto orders = (orders_left_ + days_left - 1) / days_left;
      orders_left_ -= orders;
      sell(static_cast<int>(orders));
    });
  }
}

void Company::later(int days, Moment moment, Task task) {
  diary_[{today_ + days, moment}].push_back(std::move(task));
}

Status Company::live(int day, Moment moment) {
  today_ = day;
  moment_ = moment;
  wire_.set_time(time_of(day, moment));
  const auto found = diary_.find({day, moment});
  if (found == diary_.end()) return Status();
  const auto tasks = std::move(found->second);
  diary_.erase(found);
  for (const auto& task : tasks) task();
  return wire_.settle([this](const json::object& event) { hear(event); });
}

void Company::hear(const json::object& event) {
  const std::string type = text_of(event, "type");
  const std::string id = text_of(event, "aggregate_id");
  const auto* data = event.if_contains("data");
  if (data == nullptr || !data->is_object() || id.find(prefix_) == std::string::npos) return;
  const std::string aggregate = text_of(event, "aggregate");
  if (aggregate == "Lead" || aggregate == "Quote" || aggregate == "Approval")
    hear_sales(type, id, data->get_object());
  if (aggregate == "Order") hear_order(type, id, data->get_object());
  if (aggregate == "Stock" || aggregate == "Shipment") hear_warehouse(type, id, data->get_object());
  if (aggregate == "Invoice" || aggregate == "Ticket") hear_office(type, id, data->get_object());
}

Article* Company::article(std::string_view sku) {
  const auto found = article_by_sku_.find(sku);
  return found == article_by_sku_.end() ? nullptr : &articles_[found->second];
}

}  // namespace orderlog::simulator
