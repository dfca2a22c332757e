#include "connectors/simulator/books.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

namespace orderlog::simulator {

namespace json = boost::json;

namespace {

std::string amount(std::int64_t minor) {
  char text[32];
  std::snprintf(text, sizeof(text), "%s%lld.%02lld", minor < 0 ? "-" : "",
                static_cast<long long>(std::abs(minor) / 100),
                static_cast<long long>(std::abs(minor) % 100));
  return text;
}

class Closing {
 public:
  Closing(const Company& company, Wire& wire, bool timers_count, LeadCounts before,
          SimulationReport& report)
      : company_(company),
        wire_(wire),
        timers_count_(timers_count),
        leads_before_(before),
        report_(report) {}

  Status run() {
    for (const auto step :
         {&Closing::orders, &Closing::sales, &Closing::stock, &Closing::receivables,
          &Closing::leads, &Closing::tickets, &Closing::deliveries}) {
      if (auto status = (this->*step)(); !status) return status;
    }
    compare("refused commands that should have been accepted", 0,
            static_cast<std::int64_t>(wire_.unexpected()));
    summarise();
    return Status();
  }

 private:
  void compare(std::string what, std::int64_t expected, std::int64_t found) {
    report_.comparisons.push_back(
        {std::move(what), std::to_string(expected), std::to_string(found)});
  }

  // Only this run's own documents: the engine may hold others.
  bool ours(const json::object& row, std::string_view column) const {
    return company_.owns(text_of(row, column));
  }

  Status orders() {
    auto rows = wire_.report("order_status");
    if (!rows) return rows.error();
    std::int64_t found = 0, cancelled = 0, rejected = 0, approved = 0;
    for (const auto& row : *rows) {
      if (!ours(row, "order_id")) continue;
      ++found;
      const std::string lifecycle = text_of(row, "lifecycle");
      ++lifecycles_[lifecycle];
      cancelled += lifecycle == "Cancelled" ? 1 : 0;
      rejected += lifecycle == "Rejected" ? 1 : 0;
      approved += lifecycle == "InFulfilment" || lifecycle == "Completed" || lifecycle == "Approved"
                      ? 1
                      : 0;
    }
    std::int64_t own_cancelled = 0, own_rejected = 0, own_approved = 0;
    for (const auto& [id, order] : company_.orders()) {
      own_cancelled += order.cancelled ? 1 : 0;
      own_rejected += order.rejected ? 1 : 0;
      own_approved += order.approved && !order.cancelled ? 1 : 0;
    }
    compare("orders", static_cast<std::int64_t>(company_.orders().size()), found);
    compare("orders cancelled", own_cancelled, cancelled);
    compare("orders rejected", own_rejected, rejected);
    compare("orders approved and not cancelled", own_approved, approved);
    return Status();
  }

  // Booked net: what was approved and not cancelled, at the company's own prices.
  Status sales() {
    std::int64_t expected = 0;
    for (const auto& [id, order] : company_.orders()) {
      if (order.approved && !order.cancelled) expected += order.net_minor;
    }
    auto rows = wire_.report("sales_cube?by=product&period=all");
    if (!rows) return rows.error();
    std::int64_t found = 0;
    for (const auto& row : *rows) {
      if (company_.owns(text_of(row, "value"))) found += minor_of(row, "net");
    }
    net_ = found;
    report_.comparisons.push_back({"net sales", amount(expected), amount(found)});
    return Status();
  }

  Status stock() {
    auto rows = wire_.report("stock_position");
    if (!rows) return rows.error();
    std::map<std::string, std::int64_t> on_hand;
    for (const auto& row : *rows) on_hand[text_of(row, "sku")] += milli_of(row, "on_hand");
    std::int64_t wrong = 0, expected_total = 0, found_total = 0;
    for (const auto& article : company_.articles()) {
      const auto expected = article.received - article.dispatched;
      expected_total += expected;
      found_total += on_hand[article.sku];
      wrong += on_hand[article.sku] == expected ? 0 : 1;
    }
    compare("stock on hand, thousandths", expected_total, found_total);
    compare("articles whose stock differs", 0, wrong);
    auto audit = wire_.report("reservation_audit?state=differs");
    if (!audit) return audit.error();
    compare("stock items whose reservations do not add up", 0,
            static_cast<std::int64_t>(audit->size()));
    return Status();
  }

  Status receivables() {
    auto rows = wire_.report("receivables_ageing");
    if (!rows) return rows.error();
    std::int64_t found = 0;
    for (const auto& row : *rows) {
      if (ours(row, "customer_id")) found += minor_of(row, "total");
    }
    receivable_ = found;
    report_.comparisons.push_back(
        {"receivables", amount(company_.invoiced_minor() - company_.paid_minor()), amount(found)});
    return Status();
  }

  Status leads() {
    auto now = count_leads(wire_);
    if (!now) return now.error();
    compare("leads captured", company_.leads_captured(), now->captured - leads_before_.captured);
    compare("leads converted", company_.leads_converted(),
            now->converted - leads_before_.converted);
    return Status();
  }

  Status tickets() {
    auto rows = wire_.report("ticket_sla");
    if (!rows) return rows.error();
    std::int64_t found = 0;
    for (const auto& row : *rows) {
      if (!ours(row, "ticket_id")) continue;
      ++found;
      if (text_of(row, "response") == "met" && text_of(row, "resolution") == "met") ++tickets_met_;
    }
    tickets_ = found;
    compare("tickets", static_cast<std::int64_t>(company_.tickets().size()), found);
    if (timers_count_) {
      compare("tickets within SLA",
              std::count_if(company_.tickets().begin(), company_.tickets().end(),
                            [](const auto& t) { return t.second.in_time; }),
              tickets_met_);
    }
    return Status();
  }

  Status deliveries() {
    auto rows = wire_.report("delay_list?state=late");
    if (!rows) return rows.error();
    for (const auto& row : *rows) late_ += ours(row, "order_id") ? 1 : 0;
    std::int64_t expected = 0;
    for (const auto& [id, order] : company_.orders()) {
      delivered_ += order.has_delivery() ? 1 : 0;
      expected += order.is_late() ? 1 : 0;
    }
    compare("orders with a late delivery", expected, late_);
    auto otif = wire_.report("otif_daily");
    if (!otif) return otif.error();
    for (const auto& row : *otif) {
      if (text_of(row, "dimension") != "none") continue;
      lines_due_ += number_of(row, "lines_due");
      otif_ += number_of(row, "otif");
    }
    return Status();
  }

  void summarise() {
    std::string& out = report_.summary;
    out = "\norders           ";
    for (const auto& [lifecycle, count] : lifecycles_)
      out += lifecycle + " " + std::to_string(count) + "  ";
    char line[160];
    std::snprintf(line, sizeof(line), "\non time in full  %.1f %% of %lld lines due\n",
                  lines_due_ == 0
                      ? 0.0
                      : 100.0 * static_cast<double>(otif_) / static_cast<double>(lines_due_),
                  static_cast<long long>(lines_due_));
    out += line;
    out += "late deliveries  " + std::to_string(late_) + " of " + std::to_string(delivered_) +
           " orders with a delivery\n";
    out += "net sales        " + amount(net_) + " USD\n";
    out += "receivables      " + amount(receivable_) + " USD\n";
    out += "tickets          " + std::to_string(tickets_met_) + " of " + std::to_string(tickets_) +
           " within SLA\n";
    std::snprintf(
        line, sizeof(line),
        "commands         %llu in %.1f s: %.0f per second; acknowledged p50 %.2f ms, p99 %.2f ms\n",
        static_cast<unsigned long long>(report_.commands), report_.seconds,
        static_cast<double>(report_.commands) / report_.seconds,
        static_cast<double>(report_.ack_p50_us) / 1e3,
        static_cast<double>(report_.ack_p99_us) / 1e3);
    out += line;
    if (!timers_count_)
      out +=
          "(the server runs on the wall clock: figures that depend on the passing of days are not "
          "compared)\n";
    for (const auto& [refusal, count] : wire_.refusals()) {
      if (wire_.unexpected() > 0)
        out += "refused " + std::to_string(count) + " x " + refusal + "\n";
    }
  }

  const Company& company_;
  Wire& wire_;
  bool timers_count_;
  LeadCounts leads_before_;
  SimulationReport& report_;
  std::map<std::string, std::int64_t> lifecycles_;
  std::int64_t net_ = 0, receivable_ = 0, tickets_met_ = 0, tickets_ = 0, late_ = 0, delivered_ = 0,
               lines_due_ = 0, otif_ = 0;
};

}  // namespace

Result<LeadCounts> count_leads(Wire& wire) {
  auto rows = wire.report("lead_funnel");
  if (!rows) return rows.error();
  LeadCounts counts;
  for (const auto& row : *rows) {
    counts.captured += number_of(row, "captured");
    counts.converted += number_of(row, "converted");
  }
  return counts;
}

Status close_books(const Company& company, Wire& wire, bool timers_count, LeadCounts before,
                   SimulationReport& report) {
  return Closing(company, wire, timers_count, before, report).run();
}

}  // namespace orderlog::simulator
