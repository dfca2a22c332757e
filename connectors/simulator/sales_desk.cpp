// Leads, quotes, approvals, orders: what sales and the managers do.
#include <boost/json.hpp>

#include "connectors/simulator/company.h"
#include "events/base/time.h"

namespace orderlog::simulator {

namespace json = boost::json;

namespace {

constexpr int quote_percent = 12;
constexpr int cancel_percent = 5;
constexpr std::int64_t freight_minor = 590;

// Round half to even of minor x ppm / 1,000,000.
std::int64_t discounted(std::int64_t minor_times_milli, std::int64_t discount_ppm) {
  const __int128 scaled = static_cast<__int128>(minor_times_milli) * (1'000'000 - discount_ppm);
  const __int128 divisor = static_cast<__int128>(1'000) * 1'000'000;
  __int128 whole = scaled / divisor;
  const __int128 rest = scaled % divisor * 2;
  if (rest > divisor || (rest == divisor && whole % 2 != 0)) ++whole;
  return static_cast<std::int64_t>(whole);
}

int day_number(std::string_view text) {
  const auto day = day_from_text(text);
  return day ? *day : 0;
}

}  // namespace

void Company::sell(int orders) {
  for (int i = 0; i < orders; ++i) {
    const auto number = next_order_++;
    if (number % 8 == 0) capture_lead(number);
    if (chance("channel/" + std::to_string(number)).percent(quote_percent)) {
      draft_quote(number);
    } else {
      place_order(number);
    }
  }
}

void Company::capture_lead(std::int64_t number) {
  static const std::vector<std::string> sources{"online", "fair", "referral", "card_scan"};
  const std::string lead = prefix_ + "L" + std::to_string(number);
  Dice dice = chance("lead/" + lead);
  const std::string source = dice.pick(sources);
  wire_.command("CaptureLead", lead,
                {{"lead_id", lead},
                 {"contact", json::object{{"name", "Person"}, {"mail", "person@example.org"}}},
                 {"channel", source},
                 {"source", source},
                 {"fit", dice.between(0, 100)},
                 {"intent", dice.between(0, 100)}},
                "Sales");
  ++leads_captured_;
}

json::array Company::order_lines(Dice& dice, OrderBook& book, bool for_quote) {
  json::array lines;
  std::set<std::string> used;
  const auto count = dice.between(1, 3);
  for (std::int64_t line = 1; line <= count; ++line) {
    const Article& chosen = dice.percent(25)
                                ? articles_[static_cast<std::size_t>(dice.between(0, 5))]
                                : dice.pick(articles_);
    if (!used.insert(chosen.sku).second) continue;
    const auto milli = dice.between(1, 12) * 1'000;
    const std::int64_t discount_ppm = dice.percent(20) ? 30'000 : 0;
    json::object request{{"line", line},
                         {"product_id", chosen.sku},
                         {"quantity", quantity_json(milli)},
                         {"discount_ppm", discount_ppm}};
    if (!for_quote) request["location"] = "MAIN";
    lines.push_back(std::move(request));
    OrderLineBook entry;
    entry.sku = chosen.sku;
    entry.milli = milli;
    entry.net_minor = discounted(chosen.price_minor * milli, discount_ppm);
    book.net_minor += entry.net_minor;
    book.lines.emplace(line, std::move(entry));
  }
  return lines;
}

void Company::place_order(std::int64_t number) {
  OrderBook book;
  book.id = prefix_ + "O" + std::to_string(number);
  Dice dice = chance("order/" + book.id);
  const Buyer& buyer = dice.pick(buyers_);
  static const std::vector<std::string> channels{"online", "phone", "field"};
  book.customer = buyer.id;
  book.freight_minor = freight_minor;
  book.to_be_cancelled = dice.percent(cancel_percent);
  auto lines = order_lines(dice, book, false);
  wire_.command(
      "PlaceOrder", book.id,
      {{"order_id", book.id},
       {"header",
        json::object{
            {"customer_id", buyer.id},
            {"currency", "USD"},
            {"channel", dice.pick(channels)},
            {"salesperson", buyer.salesperson},
            {"region", buyer.region},
            {"requested_date",
             day_to_text(utc_day(wire_.time()) + static_cast<Day>(dice.between(8, 14)))},
            {"ship_to", json::object{{"name", "Goods in"},
                                     {"street", "Main Street 1"},
                                     {"city", "Town"},
                                     {"country", "DE"}}},
            {"freight", money_json(freight_minor)},
            {"backorder", "Always"},
            {"external_reference", dice.percent(30) ? "PO-" + std::to_string(number) : ""}}},
       {"lines", std::move(lines)}},
      "Sales");
  if (book.to_be_cancelled) {
    later(1, Sales, [this, id = book.id] {
      wire_.command("CancelOrder", id, {{"order_id", id}, {"reason", "changed their mind"}},
                    "Sales", true);
    });
  }
  orders_.emplace(book.id, std::move(book));
}

void Company::draft_quote(std::int64_t number) {
  const std::string quote = prefix_ + "Q" + std::to_string(number);
  OrderBook book;
  book.id = prefix_ + "O" + std::to_string(number);
  Dice dice = chance("quote/" + quote);
  const Buyer& buyer = dice.pick(buyers_);
  book.customer = buyer.id;
  auto lines = order_lines(dice, book, true);
  wire_.command("DraftQuote", quote,
                {{"quote_id", quote},
                 {"customer_id", buyer.id},
                 {"currency", "USD"},
                 {"lines", std::move(lines)},
                 {"salesperson", buyer.salesperson},
                 {"channel", "quote"}},
                "Sales");
  wire_.command("SubmitQuote", quote, {{"quote_id", quote}}, "Sales");
  quoted_.emplace(quote, std::move(book));
}

void Company::hear_sales(std::string_view type, const std::string& id, const json::object& data) {
  Dice dice = chance(std::string(type) + "/" + id);
  if (type == "LeadCaptured") {
    later(1, Sales, [this, id] {
      wire_.command("AssignLead", id, {{"lead_id", id}, {"owner", "sales-1"}}, "SalesManager");
      wire_.command("RecordFollowUp", id, {{"lead_id", id}, {"note", "called"}, {"kind", "phone"}},
                    "Sales");
      if (!chance("convert/" + id).percent(30)) return;
      wire_.command("ConvertLead", id, {{"lead_id", id}, {"customer_id", buyers_.front().id}},
                    "Sales");
      ++leads_converted_;
    });
  } else if (type == "QuoteApproved") {
    wire_.command("IssueQuote", id, {{"quote_id", id}}, "Sales");
  } else if (type == "QuoteIssued") {
    later(static_cast<int>(dice.between(1, 5)), Sales, [this, id] {
      const bool accepted = chance("accept/" + id).percent(75);
      if (accepted) {
        wire_.command("AcceptQuote", id, {{"quote_id", id}}, "Sales");
      } else {
        wire_.command("RejectQuote", id, {{"quote_id", id}, {"reason", "too dear"}}, "Sales");
      }
    });
  } else if (type == "QuoteAccepted") {
    OrderBook book = quoted_.at(id);
    wire_.command("PlaceOrderFromQuote", id,
                  {{"quote_id", id},
                   {"order_id", book.id},
                   {"location", "MAIN"},
                   {"requested_date", day_to_text(utc_day(wire_.time()) + 10)},
                   {"ship_to", json::object{{"name", "Goods in"},
                                            {"street", "Main Street 1"},
                                            {"city", "Town"},
                                            {"country", "DE"}}}},
                  "Sales");
    orders_.emplace(book.id, std::move(book));
  } else if (type == "ApprovalRequested") {
    std::vector<std::string> tiers;
    if (const auto* list = data.if_contains("tiers"); list != nullptr && list->is_array()) {
      for (const auto& tier : list->get_array()) tiers.emplace_back(tier.as_string());
    }
    later(moment_ < Office ? 0 : 1, Office, [this, id, tiers] {
      for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
        if (chance("refuse/" + id).percent(5)) {
          wire_.command("RefuseTier", id,
                        {{"approval_id", id}, {"tier", tier + 1}, {"reason", "not at these terms"}},
                        tiers[tier].c_str(), true);
          return;
        }
        wire_.command("ApproveTier", id, {{"approval_id", id}, {"tier", tier + 1}},
                      tiers[tier].c_str(), true);
      }
    });
  }
}

void Company::hear_order(std::string_view type, const std::string& id, const json::object& data) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return;
  OrderBook& book = found->second;
  if (type == "OrderApproved") {
    book.approved = true;
    if (const auto* lines = data.if_contains("lines"); lines != nullptr && lines->is_array()) {
      for (const auto& line : lines->get_array()) {
        const auto& object = line.as_object();
        book.lines[number_of(object, "line")].promised =
            day_number(text_of(object, "promised_date"));
      }
    }
  } else if (type == "OrderPromiseChanged") {
    book.lines[number_of(data, "line")].promised = day_number(text_of(data, "new_date"));
  } else if (type == "OrderHeld") {
    const std::string reason = text_of(data, "reason");
    later(moment_ < Office ? 0 : 1, Office, [this, id, reason] { decide_on_hold(id, reason); });
  } else if (type == "OrderCancelled") {
    book.cancelled = true;
  } else if (type == "OrderRejected") {
    book.rejected = true;
  } else if (type == "DeliveryDelayed") {
    if (chance("complain/" + id).percent(20)) complain(id, book.customer);
  }
}

void Company::decide_on_hold(const std::string& order, std::string_view reason) {
  Dice dice = chance("hold/" + order + std::string(reason));
  if (reason == "Payment") {
    const auto& book = orders_.at(order);
    const auto minor = book.net_minor + book.freight_minor;
    const std::string payment = "PRE-" + order;
    wire_.command("CapturePayment", payment,
                  {{"payment_id", payment},
                   {"customer_id", book.customer},
                   {"amount", money_json(minor)},
                   {"order_id", order},
                   {"method", "transfer"}},
                  "Finance");
    return;
  }
  if (dice.percent(70)) {
    wire_.command("ReleaseHold", order,
                  {{"order_id", order}, {"reason", reason}, {"note", "looked into"}}, "Director",
                  true);
  } else {
    wire_.command("CancelOrder", order, {{"order_id", order}, {"reason", "hold not released"}},
                  "Director", true);
  }
}

}  // namespace orderlog::simulator
