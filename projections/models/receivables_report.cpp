// The ageing of one row as of a day: of the present day, and any later one, from the row's open
// items; of an earlier day from the ledger. Days sales outstanding by the standard ratio
//   DSO = receivables at the end of the period × days of the period / credit sales of the period
// (the Credit Research Foundation's definition), over the dso_period_days that end with that day,
// rounded half up to whole days.
#include <algorithm>
#include <array>

#include "projections/models/fields.h"
#include "projections/models/receivables.h"
#include "projections/models/receivables_ledger.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {
namespace {

using Row = schema::ReceivablesAgeingRowT;

constexpr std::int32_t bucket_days = 30;
constexpr std::size_t buckets_count = 6;

struct Ageing {
  std::array<std::int64_t, buckets_count> buckets{};
  std::int64_t disputed = 0;
  std::int64_t unapplied = 0;
  Money base_open;
  std::uint32_t dunning_level = 0;
};

// Not due, 1–30, 31–60, 61–90, 91–120, more.
std::size_t bucket_of(Day due_date, Day as_of) {
  const std::int64_t days = std::int64_t{as_of} - due_date;
  if (days <= 0) return 0;
  return std::min<std::size_t>(static_cast<std::size_t>((days - 1) / bucket_days) + 1,
                               buckets_count - 1);
}

template <class T>
typename T::NativeTableType unpacked(std::string_view bytes) {
  const std::string aligned(bytes);
  typename T::NativeTableType row;
  flatbuffers::GetRoot<T>(aligned.data())->UnPackTo(&row);
  return row;
}

Ageing from_items(const Row& row, Day as_of) {
  Ageing ageing;
  ageing.unapplied = row.unapplied_credit.minor();
  std::int64_t base = 0;
  auto base_currency = schema::Currency::None;
  for (const auto& item : row.items) {
    ageing.buckets[bucket_of(item->due_date, as_of)] += item->open.minor();
    if (item->disputed) ageing.disputed += item->open.minor();
    ageing.dunning_level = std::max(ageing.dunning_level, item->dunning_level);
    base += item->base_open.minor();
    if (base_currency == schema::Currency::None) base_currency = item->base_open.currency();
  }
  ageing.base_open = Money(base, base_currency);
  return ageing;
}

void add_day(Ageing& ageing, const schema::ReceivablesDayRowT& day,
             std::map<std::uint32_t, std::int64_t>& levels) {
  ageing.unapplied += day.unapplied;
  const auto currency = day.base_open.currency() == schema::Currency::None
                            ? ageing.base_open.currency()
                            : day.base_open.currency();
  ageing.base_open = Money(ageing.base_open.minor() + day.base_open.minor(), currency);
  for (const auto& level : day.levels) levels[level->level] += level->invoices;
}

Result<Ageing> from_ledger(const ReadView& view, const Key& scope, Day as_of) {
  Ageing ageing;
  const auto cells = view.scan("AgeingCellRow", scope, [&](std::string_view, std::string_view row) {
    const auto cell = unpacked<schema::AgeingCellRow>(row);
    if (cell.posted > as_of) return false;
    ageing.buckets[bucket_of(cell.due_date, as_of)] += cell.open;
    ageing.disputed += cell.disputed;
    return true;
  });
  if (!cells) return cells.error();
  std::map<std::uint32_t, std::int64_t> levels;
  const auto days =
      view.scan("ReceivablesDayRow", scope, [&](std::string_view, std::string_view row) {
        const auto day = unpacked<schema::ReceivablesDayRow>(row);
        if (day.day > as_of) return false;
        add_day(ageing, day, levels);
        return true;
      });
  if (!days) return days.error();
  for (const auto& [level, invoices] : levels) {
    if (invoices > 0) ageing.dunning_level = level;
  }
  return ageing;
}

// Absent without sales.
Result<flatbuffers::Optional<std::int32_t>> dso(const ReadView& view, const Key& scope, Day as_of,
                                                std::int64_t receivables) {
  IndexQuery query;
  query.table = "ReceivablesDayRow";
  query.index = "days";
  query.group = std::string(scope.view());
  query.from = Key().i32(as_of - dso_period_days + 1).take();
  query.until = Key().i32(as_of + 1).take();
  auto page = view.list(query, {}, static_cast<std::uint32_t>(dso_period_days));
  if (!page) return std::move(page).error();
  __int128 sales = 0;
  for (const std::string& row : page->rows) sales += unpacked<schema::ReceivablesDayRow>(row).sales;
  if (sales <= 0) return flatbuffers::Optional<std::int32_t>();
  const __int128 owed = std::max<std::int64_t>(0, receivables);
  const __int128 days = (owed * dso_period_days * 2 + sales) / (sales * 2);
  return flatbuffers::Optional<std::int32_t>(
      static_cast<std::int32_t>(std::min<__int128>(days, INT32_MAX)));
}

void fill(Row& row, const Ageing& ageing, Day as_of) {
  const auto money = [&](std::int64_t minor) { return Money(minor, row.currency); };
  std::int64_t total = 0;
  for (const std::int64_t bucket : ageing.buckets) total += bucket;
  row.as_of = as_of;
  row.total = money(total);
  row.not_due = money(ageing.buckets[0]);
  row.days_1_30 = money(ageing.buckets[1]);
  row.days_31_60 = money(ageing.buckets[2]);
  row.days_61_90 = money(ageing.buckets[3]);
  row.days_91_120 = money(ageing.buckets[4]);
  row.days_over_120 = money(ageing.buckets[5]);
  row.disputed = money(ageing.disputed);
  row.unapplied_credit = money(ageing.unapplied);
  row.base_total = ageing.base_open;
  row.dunning_level = ageing.dunning_level;
}

// The kept row as of the day. items: only of the day of the question, there are none of the past.
Status age(const ReadView& view, Row& row, Day as_of) {
  const bool together = row.customer_id.empty();
  const Key scope =
      together ? ledger_scope_of_all(row.currency) : ledger_scope_of(row.customer_id, row.currency);
  const bool is_present = !row.last_posted || *row.last_posted <= as_of;
  if (is_present && !together) {
    fill(row, from_items(row, as_of), as_of);
  } else {
    const auto ageing = from_ledger(view, scope, as_of);
    if (!ageing) return ageing.error();
    fill(row, *ageing, as_of);
    row.items.clear();
  }
  auto days = dso(view, scope, as_of, row.total.minor());
  if (!days) return std::move(days).error();
  row.dso_days = *days;
  return {};
}

IndexQuery list_of(const Parameters& parameters) {
  IndexQuery query{.table = "ReceivablesAgeingRow", .index = "all", .group = "all"};
  if (parameters.at("by") == "total") {
    query.index = "together";
  } else if (const auto customer = parameters.find("customer_id"); customer != parameters.end()) {
    query.index = "customer";
    query.group = customer->second;
  } else if (parameters.contains("state") && !parameters.contains("as_of")) {
    query.index = "open";
    query.group = "open";
  }
  return query;
}

// Pages of the list are read until as many rows were kept as were asked for.
Result<ReportPage> compute(const ReadView& view, const ReportRequest& request) {
  const Parameters& parameters = request.parameters;
  if (parameters.at("by") == "total" && parameters.contains("customer_id")) {
    return error(ErrorCode::InvalidArgument, "customer_id is not for the total of all customers");
  }
  const auto date = parameters.find("as_of");
  const Day as_of =
      date == parameters.end() ? utc_day(request.as_of) : *day_from_text(date->second);
  const bool owing_only = parameters.contains("state");
  IndexQuery query = list_of(parameters);
  query.descending = request.order == ListOrder::Descending;
  ReportPage page;
  std::string last = request.cursor;
  do {
    const auto wanted = request.limit - static_cast<std::uint32_t>(page.rows.size());
    auto listed = view.list(query, last, wanted);
    if (!listed) return std::move(listed).error();
    for (const std::string& bytes : listed->rows) {
      auto row = unpacked<schema::ReceivablesAgeingRow>(bytes);
      if (auto aged = age(view, row, as_of); !aged) return aged.error();
      if (owing_only && row.total.minor() == 0) continue;
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(schema::ReceivablesAgeingRow::Pack(builder, &row));
      page.rows.emplace_back(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                             builder.GetSize());
    }
    if (!owing_only || query.index == "open") page.total = listed->total;
    last = std::move(listed->last);
  } while (!last.empty() && page.rows.size() < request.limit);
  page.next_cursor = std::move(last);
  return page;
}

}  // namespace

ReportDefinition receivables_report() {
  ReportDefinition report;
  report.descriptor.name = "receivables_ageing";
  report.descriptor.description =
      "What each customer, or all together, owes in each currency at the end of a day, by days "
      "past "
      "the due date. What is settled is taken off the earliest due date first. A posting counts "
      "from its day of business (UTC) on, whenever it was recorded. dso_days: days sales "
      "outstanding, receivables × 90 / sales of the 90 days up to that day.";
  report.descriptor.row_table = "ReceivablesAgeingRow";
  report.descriptor.filters = {
      {"as_of", FilterKind::Date, "At the end of this day; without it, of today.", {}, false, ""},
      {"by",
       FilterKind::Choice,
       "One row a customer, or of all together.",
       {"customer", "total"},
       false,
       "customer"},
      {"customer_id", FilterKind::Text, "Only this customer.", {}, false, ""},
      {"state", FilterKind::Choice, "Only who owes something on that day.", {"open"}, false, ""}};
  report.compute = compute;
  return report;
}

}  // namespace orderlog::projections
