// Receivables and service: who pays when, and how complaints are dealt with.
#include <boost/json.hpp>

#include "connectors/simulator/company.h"

namespace orderlog::simulator {

namespace json = boost::json;

void Company::hear_office(std::string_view type, const std::string& id, const json::object& data) {
  if (type == "InvoiceIssued") {
    const auto minor = minor_of(data, "total");
    const std::string customer = text_of(data, "customer_id");
    invoiced_minor_ += minor;
    Dice dice = chance("pay/" + id);
    if (dice.percent(8)) return;  // never pays
    const bool late = dice.percent(15);
    later(static_cast<int>(late ? dice.between(31, 50) : dice.between(3, 28)), Office,
          [this, id, customer, minor] { pay(id, customer, minor); });
  } else if (type == "TicketOpened") {
    if (tickets_.at(id).in_time) {
      work_on_ticket(id);
    } else {
      later(14, Office, [this, id] { work_on_ticket(id); });
    }
  }
}

void Company::pay(const std::string& invoice, const std::string& customer, std::int64_t minor) {
  const std::string payment = "PAY-" + invoice;
  const bool in_parts = minor > 1 && chance("parts/" + invoice).percent(10);
  const auto first = in_parts ? minor / 2 : minor;
  const auto send = [&](const std::string& id, std::int64_t amount) {
    wire_.command("CapturePayment", invoice,
                  {{"payment_id", id},
                   {"customer_id", customer},
                   {"amount", money_json(amount)},
                   {"invoice_id", invoice},
                   {"method", "transfer"}},
                  "Finance");
    paid_minor_ += amount;
  };
  send(payment, first);
  if (in_parts) send(payment + "-2", minor - first);
}

void Company::complain(const std::string& order, const std::string& customer) {
  static const std::vector<std::string> priorities{"Low", "Medium", "High", "Urgent"};
  const std::string ticket = prefix_ + "T-" + order;
  if (tickets_.contains(ticket)) return;
  Dice dice = chance("ticket/" + ticket);
  tickets_[ticket].in_time = dice.percent(80);
  wire_.command("OpenTicket", ticket,
                {{"ticket_id", ticket},
                 {"customer_id", customer},
                 {"kind", "Complaint"},
                 {"priority", dice.pick(priorities)},
                 {"subject", "late delivery"},
                 {"order_id", order}},
                "Service");
}

void Company::work_on_ticket(const std::string& ticket) {
  wire_.command("AssignTicket", ticket,
                {{"ticket_id", ticket}, {"owner", "service-1"}, {"service_line", "first"}},
                "Service");
  wire_.command("Respond", ticket, {{"ticket_id", ticket}, {"text", "we look into it"}}, "Service");
  wire_.command("ResolveTicket", ticket, {{"ticket_id", ticket}, {"resolution", "explained"}},
                "Service");
  wire_.command("CloseTicket", ticket,
                {{"ticket_id", ticket}, {"satisfaction", chance("smile/" + ticket).between(1, 5)}},
                "Service");
}

}  // namespace orderlog::simulator
