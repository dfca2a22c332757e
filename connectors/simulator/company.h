// The company: what it sells, to whom, and what its desks do when something happens. Each desk
// hears every event of the live feed and puts its own next steps into the diary.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/simulator/dice.h"
#include "connectors/simulator/wire.h"

namespace orderlog::simulator {

// A working day has five moments; everything in one moment carries the same business time.
enum Moment { Morning, Sales, Warehouse, Carrier, Office };
inline constexpr int moments_a_day = 5;

struct Article {
  std::string sku;
  std::string product_class;
  std::int64_t price_minor;
  std::int64_t received = 0;  // thousandths
  std::int64_t dispatched = 0;
  std::int64_t backordered = 0;
  bool purchase_under_way = false;
};

struct Buyer {
  std::string id;
  std::string region;
  std::string salesperson;
};

struct OrderLineBook {
  std::string sku;
  std::int64_t milli = 0;
  std::int64_t net_minor = 0;
  int promised = 0;  // day number of the promise; 0: none yet
  std::int64_t delivered = 0;
  int delivered_on = 0;
  bool late = false;
};

// What the company itself knows of an order.
struct OrderBook {
  std::string id;
  std::string customer;
  std::int64_t net_minor = 0;
  std::int64_t freight_minor = 0;
  std::map<std::int64_t, OrderLineBook> lines;
  bool to_be_cancelled = false;
  bool approved = false;
  bool cancelled = false;
  bool rejected = false;

  bool has_delivery() const {
    for (const auto& [number, line] : lines) {
      if (line.delivered > 0) return true;
    }
    return false;
  }
  bool is_late() const {
    for (const auto& [number, line] : lines) {
      if (line.late) return true;
    }
    return false;
  }
};

struct TicketBook {
  bool in_time = true;
};

class Company {
 public:
  Company(const SimulatorOptions& options, Wire& wire, TimestampUs first_day);

  // One moment of business: what the diary holds for it, then everything that follows.
  Status live(int day, Moment moment);
  // Whether anything is left in the diary.
  bool busy() const { return !diary_.empty(); }
  int selling_days() const { return selling_days_; }

  // The books.
  const std::map<std::string, OrderBook>& orders() const { return orders_; }
  const std::map<std::string, TicketBook>& tickets() const { return tickets_; }
  const std::vector<Article>& articles() const { return articles_; }
  std::int64_t leads_captured() const { return leads_captured_; }
  std::int64_t leads_converted() const { return leads_converted_; }
  std::int64_t invoiced_minor() const { return invoiced_minor_; }
  std::int64_t paid_minor() const { return paid_minor_; }
  // Whether a document's id is one of this run's.
  bool owns(std::string_view id) const { return id.find(prefix_) != std::string_view::npos; }

 private:
  using Task = std::function<void()>;

  // company.cpp: opening, diary
  void open_for_business();
  void later(int days, Moment moment, Task task);
  void hear(const boost::json::object& event);
  Dice chance(const std::string& about) const { return dice_for(options_.seed, about); }
  // sales_desk.cpp
  void sell(int orders);
  void capture_lead(std::int64_t number);
  void place_order(std::int64_t number);
  void draft_quote(std::int64_t number);
  boost::json::array order_lines(Dice& dice, OrderBook& book, bool for_quote);
  void hear_sales(std::string_view type, const std::string& id, const boost::json::object& data);
  void hear_order(std::string_view type, const std::string& id, const boost::json::object& data);
  void decide_on_hold(const std::string& order, std::string_view reason);
  // warehouse_desk.cpp
  void receive(Article& article, std::int64_t milli);
  void hear_warehouse(std::string_view type, const std::string& id,
                      const boost::json::object& data);
  void ship(const std::string& shipment, const std::string& order);
  void deliver(const std::string& shipment);
  // office_desk.cpp
  void hear_office(std::string_view type, const std::string& id, const boost::json::object& data);
  void pay(const std::string& invoice, const std::string& customer, std::int64_t minor);
  void complain(const std::string& order, const std::string& customer);
  void work_on_ticket(const std::string& ticket);

  Article* article(std::string_view sku);
  TimestampUs time_of(int day, Moment moment) const;

  SimulatorOptions options_;
  Wire& wire_;
  TimestampUs first_day_;
  std::string prefix_;
  int selling_days_;
  int today_ = 0;
  Moment moment_ = Morning;
  std::map<std::pair<int, int>, std::vector<Task>> diary_;
  std::vector<Article> articles_;
  std::vector<Buyer> buyers_;
  std::map<std::string, std::size_t, std::less<>> article_by_sku_;
  std::map<std::string, OrderBook> orders_;
  std::map<std::string, OrderBook> quoted_;  // by quote: the order it would become
  std::map<std::string, TicketBook> tickets_;
  std::map<std::string, std::string> shipment_order_;
  std::int64_t orders_left_ = 0;
  std::int64_t next_order_ = 1;
  std::int64_t leads_captured_ = 0;
  std::int64_t leads_converted_ = 0;
  std::int64_t invoiced_minor_ = 0;
  std::int64_t paid_minor_ = 0;
};

// JSON of the schema's structs.
boost::json::object money_json(std::int64_t minor);
boost::json::object quantity_json(std::int64_t milli);
std::string text_of(const boost::json::object& object, std::string_view member);
std::int64_t number_of(const boost::json::object& object, std::string_view member);
std::int64_t minor_of(const boost::json::object& object, std::string_view member);
std::int64_t milli_of(const boost::json::object& object, std::string_view member);

}  // namespace orderlog::simulator
