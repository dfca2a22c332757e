// product_ranking: products of one period by their net sales in each currency, with their share and
// ABC class, worked out from the cube when asked.
#include <algorithm>
#include <map>

#include "projections/models/fields.h"
#include "projections/models/periods.h"
#include "projections/models/sales_cells.h"
#include "projections/models/sales_cube.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {
namespace {

using schema::AbcClass;
using schema::SalesAxis;
using schema::SalesPeriod;
using Cell = schema::SalesCubeRowT;

constexpr std::size_t ranked_products_max = 200'000;
constexpr std::int64_t ppm_whole = 1'000'000;
constexpr std::int64_t class_a_until_ppm = 800'000;
constexpr std::int64_t class_b_until_ppm = 950'000;

struct Ranked {
  Cell cell;
  std::uint32_t rank = 0;
  flatbuffers::Optional<std::int32_t> share_ppm;
  flatbuffers::Optional<std::int32_t> cumulative_ppm;
  AbcClass abc = AbcClass::none;
};

// Keeps the order (currency, net falling, product).
std::string place_of(const Ranked& ranked) {
  return Key()
      .u32(static_cast<std::uint32_t>(ranked.cell.currency))
      .i64(-ranked.cell.net.minor())
      .text(ranked.cell.value)
      .take();
}

flatbuffers::Optional<std::int32_t> share(__int128 part, __int128 whole) {
  if (whole <= 0) return flatbuffers::nullopt;
  return static_cast<std::int32_t>(part * ppm_whole / whole);
}

// A product belongs to the class in which its sales begin, so the first one is always A.
AbcClass class_of(flatbuffers::Optional<std::int32_t> before) {
  if (!before) return AbcClass::none;
  if (*before < class_a_until_ppm) return AbcClass::a;
  return *before < class_b_until_ppm ? AbcClass::b : AbcClass::c;
}

void rank_currency(std::vector<Ranked>::iterator begin, std::vector<Ranked>::iterator end) {
  __int128 whole = 0;
  for (auto at = begin; at != end; ++at) {
    whole += std::max<std::int64_t>(0, at->cell.net.minor());
  }
  __int128 sum = 0;
  for (auto at = begin; at != end; ++at) {
    at->rank = static_cast<std::uint32_t>(at - begin) + 1;
    at->abc = class_of(share(sum, whole));
    sum += std::max<std::int64_t>(0, at->cell.net.minor());
    at->share_ppm = share(at->cell.net.minor(), whole);
    at->cumulative_ppm = share(sum, whole);
  }
}

Result<std::vector<Ranked>> rank_period(const ReadView& view, SalesPeriod period, Day start) {
  std::vector<Ranked> products;
  const Key prefix = cube_group(SalesAxis::product, period).i32(start);
  const auto scanned =
      view.scan("SalesCubeRow", prefix, [&](std::string_view, std::string_view bytes) {
        const std::string aligned(bytes);
        products.emplace_back();
        flatbuffers::GetRoot<schema::SalesCubeRow>(aligned.data())->UnPackTo(&products.back().cell);
        return products.size() <= ranked_products_max;
      });
  if (!scanned) return scanned.error();
  if (products.size() > ranked_products_max) {
    return error(ErrorCode::Overflow, "more than " + std::to_string(ranked_products_max) +
                                          " products have sales in this period");
  }
  std::sort(products.begin(), products.end(), [](const Ranked& a, const Ranked& b) {
    if (a.cell.currency != b.cell.currency) return a.cell.currency < b.cell.currency;
    if (a.cell.net.minor() != b.cell.net.minor()) return a.cell.net.minor() > b.cell.net.minor();
    return a.cell.value < b.cell.value;
  });
  for (auto at = products.begin(); at != products.end();) {
    const auto next = std::find_if(at, products.end(), [&](const Ranked& ranked) {
      return ranked.cell.currency != at->cell.currency;
    });
    rank_currency(at, next);
    at = next;
  }
  return products;
}

using Ranks = std::map<std::pair<schema::Currency, std::string>, std::uint32_t>;

Result<Ranks> ranks_before(const ReadView& view, SalesPeriod period, Day start) {
  Ranks ranks;
  if (period == SalesPeriod::all) return ranks;
  auto products = rank_period(view, period, period_start(period, start - 1));
  if (!products) return std::move(products).error();
  for (const Ranked& ranked : *products) {
    ranks[{ranked.cell.currency, ranked.cell.value}] = ranked.rank;
  }
  return ranks;
}

std::string row_of(const Ranked& ranked, const Ranks& before) {
  schema::ProductRankingRowT row;
  row.period = ranked.cell.period;
  row.period_start = ranked.cell.period_start;
  row.currency = ranked.cell.currency;
  row.product_id = ranked.cell.value;
  row.orders = ranked.cell.orders;
  row.quantity = ranked.cell.quantity;
  row.net = ranked.cell.net;
  row.margin = ranked.cell.margin;
  row.rank = ranked.rank;
  const auto old = before.find({ranked.cell.currency, ranked.cell.value});
  if (old != before.end()) {
    row.rank_change =
        static_cast<std::int32_t>(old->second) - static_cast<std::int32_t>(ranked.rank);
  }
  row.share_ppm = ranked.share_ppm;
  row.cumulative_ppm = ranked.cumulative_ppm;
  row.abc = ranked.abc;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::ProductRankingRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<ReportPage> compute(const ReadView& view, const ReportRequest& request) {
  const auto period =
      *enum_of<SalesPeriod>(request.parameters.at("period"), schema::EnumNamesSalesPeriod());
  const auto date = request.parameters.find("date");
  if (period != SalesPeriod::all && date == request.parameters.end()) {
    return error(ErrorCode::InvalidArgument, "a period needs date: any of its days");
  }
  const Day start =
      period == SalesPeriod::all ? no_day : period_start(period, *day_from_text(date->second));
  auto products = rank_period(view, period, start);
  if (!products) return std::move(products).error();
  auto before = ranks_before(view, period, start);
  if (!before) return std::move(before).error();
  if (request.order == ListOrder::Ascending) {
    return error(ErrorCode::InvalidArgument, "the ranking has one order");
  }
  ReportPage page;
  page.total = products->size();
  std::string last;
  for (const Ranked& ranked : *products) {
    std::string place = place_of(ranked);
    if (!request.cursor.empty() && place <= request.cursor) continue;
    if (page.rows.size() == request.limit) {
      page.next_cursor = last;
      break;
    }
    page.rows.push_back(row_of(ranked, *before));
    last = std::move(place);
  }
  return page;
}

}  // namespace

ReportDefinition product_ranking_report() {
  ReportDefinition report;
  report.descriptor.name = "product_ranking";
  report.descriptor.description =
      "Products of one period by net sales in each currency, with share and ABC class (80 and 95 % "
      "of the sales), and the places won or lost against the period before.";
  report.descriptor.row_table = "ProductRankingRow";
  std::vector<std::string> periods = choices_of(schema::EnumNamesSalesPeriod());
  periods.insert(periods.begin(), "all");
  report.descriptor.filters = {
      {"period", FilterKind::Choice, "The length of the period.", periods, false, "all"},
      {"date", FilterKind::Date, "A day of the period; not for all."}};
  report.compute = compute;
  return report;
}

}  // namespace orderlog::projections
