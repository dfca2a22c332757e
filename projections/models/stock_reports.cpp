// The reports of the stock model. backorder_list says for each claim that waits which expected
// receipt will serve it, if what comes is given out in the order of filling (domain.md 3.9).
#include <algorithm>
#include <map>

#include "projections/models/fields.h"
#include "projections/models/stock.h"
#include "projections/models/stock_claims.h"
#include "projections/models/stock_outlook.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {
namespace {

using Claim = schema::BackorderListRowT;
using Position_ = schema::StockPositionRowT;

template <class T>
typename T::NativeTableType unpacked(std::string_view bytes) {
  const std::string aligned(bytes);
  typename T::NativeTableType row;
  flatbuffers::GetRoot<T>(aligned.data())->UnPackTo(&row);
  return row;
}

template <class T>
std::string packed(const typename T::NativeTableType& row) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(T::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string with_outlook(std::string bytes, TimestampUs as_of) {
  auto row = unpacked<schema::StockPositionRow>(bytes);
  fill_outlook(row, utc_day(as_of));
  return packed<schema::StockPositionRow>(row);
}

Result<IndexQuery> plan_position(const Parameters& parameters) {
  IndexQuery query{.table = "StockPositionRow", .index = "all", .group = "all"};
  if (const auto sku = parameters.find("sku"); sku != parameters.end()) {
    query.index = "sku";
    query.group = sku->second;
  } else if (parameters.contains("state")) {
    query.index = query.group.emplace("short");
  }
  return query;
}

Result<IndexQuery> plan_audit(const Parameters& parameters) {
  IndexQuery query{.table = "ReservationAuditRow", .index = "all", .group = "all"};
  if (const auto state = parameters.find("state"); state != parameters.end()) {
    query.index = query.group.emplace(state->second);
  }
  return query;
}

// ---- backorder_list

struct Supply {
  std::string expectation_id;
  Day date = 0;
};
using Supplies = std::map<std::string, Supply>;  // by reservation

bool served_before(const Claim& a, const Claim& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  const Day a_day = a.promised_date ? *a.promised_date : day_max;
  const Day b_day = b.promised_date ? *b.promised_date : day_max;
  if (a_day != b_day) return a_day < b_day;
  if (a.opened_at != b.opened_at) return a.opened_at < b.opened_at;
  return a.reservation_id < b.reservation_id;
}

// Which receipt completes each claim that waits for the stock item.
Result<Supplies> supplies_of(const ReadView& view, const std::string& stock_item_id) {
  Supplies supplies;
  auto position = view.row("StockPositionRow", stock_item_id);
  if (!position) return std::move(position).error();
  if (!*position) return supplies;
  auto entries = std::move(unpacked<schema::StockPositionRow>(**position).incoming_entries);
  if (entries.empty()) return supplies;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a->date != b->date ? a->date < b->date : a->expectation_id < b->expectation_id;
  });
  std::vector<Claim> claims;
  const auto scanned = view.scan("BackorderListRow", Key().text(stock_item_id),
                                 [&](std::string_view, std::string_view bytes) {
                                   auto claim = unpacked<schema::BackorderListRow>(bytes);
                                   if (claim.quantity.milli() > 0) {
                                     claims.push_back(std::move(claim));
                                   }
                                   return true;
                                 });
  if (!scanned) return scanned.error();
  std::sort(claims.begin(), claims.end(), served_before);
  __int128 supplied = 0;
  __int128 wanted = 0;
  std::size_t next = 0;
  for (const Claim& claim : claims) {
    wanted += claim.quantity.milli();
    while (supplied < wanted && next < entries.size())
      supplied += entries[next++]->quantity.milli();
    if (supplied < wanted) break;
    const auto& last = *entries[next - 1];
    supplies[claim.reservation_id] = {last.expectation_id, last.date};
  }
  return supplies;
}

IndexQuery list_of(const Parameters& parameters) {
  IndexQuery query{.table = "BackorderListRow", .index = "all", .group = "all"};
  for (const auto& [name, value] : parameters) {
    query.index = name == "sku" ? "sku" : "order";
    query.group = value;
  }
  return query;
}

Result<ReportPage> list_backorders(const ReadView& view, const ReportRequest& request) {
  IndexQuery query = list_of(request.parameters);
  query.descending = request.order == ListOrder::Descending;
  auto listed = view.list(query, request.cursor, request.limit);
  if (!listed) return std::move(listed).error();
  ReportPage page;
  std::map<std::string, Supplies> by_item;
  for (const std::string& bytes : listed->rows) {
    auto row = unpacked<schema::BackorderListRow>(bytes);
    auto known = by_item.find(row.stock_item_id);
    if (known == by_item.end()) {
      auto supplies = supplies_of(view, row.stock_item_id);
      if (!supplies) return std::move(supplies).error();
      known = by_item.emplace(row.stock_item_id, std::move(*supplies)).first;
    }
    if (const auto supply = known->second.find(row.reservation_id); supply != known->second.end()) {
      row.source_of_supply = supply->second.expectation_id;
      row.eta = supply->second.date;
    }
    page.rows.push_back(packed<schema::BackorderListRow>(row));
  }
  page.next_cursor = std::move(listed->last);
  page.total = listed->total;
  return page;
}

}  // namespace

ReportDefinition stock_position_report() {
  ReportDefinition report;
  report.descriptor.name = "stock_position";
  report.descriptor.description =
      "Stock of each sku at each location: on hand, reserved, available, expected, available to "
      "promise, and the day on which it would not last at the mean issue of the last 28 days.";
  report.descriptor.row_table = "StockPositionRow";
  report.descriptor.key = "stock_item_id";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"sku", FilterKind::Text, "Only this sku, at all locations.", {}, false, ""},
      {"state", FilterKind::Choice, "Only what is backordered.", {"short"}, false, ""}};
  report.plan = plan_position;
  report.finish = with_outlook;
  return report;
}

ReportDefinition reservation_audit_report() {
  ReportDefinition report;
  report.descriptor.name = "reservation_audit";
  report.descriptor.description =
      "Reservations added up one by one, beside what the stock item says: the difference must be "
      "zero. Orphans: reservations of orders that have ended.";
  report.descriptor.row_table = "ReservationAuditRow";
  report.descriptor.key = "stock_item_id";
  report.descriptor.filters = {{"state",
                                FilterKind::Choice,
                                "Only where they disagree, or where there are orphans.",
                                {"differs", "orphans"},
                                false,
                                ""}};
  report.plan = plan_audit;
  return report;
}

ReportDefinition backorder_list_report() {
  ReportDefinition report;
  report.descriptor.name = "backorder_list";
  report.descriptor.description =
      "What waits for stock, in the order of filling: priority, promise, age; with the expected "
      "receipt that serves it and its date.";
  report.descriptor.row_table = "BackorderListRow";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"sku", FilterKind::Text, "Only what waits for this sku.", {}, false, ""},
      {"order_id", FilterKind::Text, "Only lines of this order.", {}, false, ""}};
  report.compute = list_backorders;
  return report;
}

}  // namespace orderlog::projections
