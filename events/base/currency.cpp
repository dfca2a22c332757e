#include "events/base/currency.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace orderlog {

namespace {

// The exceptions; ISO 4217 gives every other currency of the schema two decimals. XDR, for which
// ISO gives none at all, is kept in hundredths.
using enum schema::Currency;
constexpr std::array no_decimals = {BIF, CLP, DJF, GNF, ISK, JPY, KMF, KRW, PYG,
                                    RWF, UGX, UYI, VND, VUV, XAF, XOF, XPF};
constexpr std::array three_decimals = {BHD, IQD, JOD, KWD, LYD, OMR, TND};
constexpr std::array four_decimals = {CLF, UYW};

template <std::size_t size>
bool contains(const std::array<Currency, size>& list, Currency currency) {
  return std::ranges::find(list, currency) != list.end();
}

using CodeTable = std::vector<std::pair<std::string_view, Currency>>;

// Sorted by code; made once from the generated enum, so that it cannot fall behind the schema.
const CodeTable& code_table() {
  static const CodeTable table = [] {
    CodeTable rows;
    for (Currency currency : schema::EnumValuesCurrency()) {
      if (currency != Currency::None)
        rows.emplace_back(schema::EnumNameCurrency(currency), currency);
    }
    std::ranges::sort(rows);
    return rows;
  }();
  return table;
}

}  // namespace

bool is_known(Currency currency) { return !code_of(currency).empty(); }

std::string_view code_of(Currency currency) {
  return currency == Currency::None ? std::string_view() : schema::EnumNameCurrency(currency);
}

std::optional<int> exponent_of(Currency currency) {
  if (!is_known(currency)) return std::nullopt;
  if (contains(no_decimals, currency)) return 0;
  if (contains(three_decimals, currency)) return 3;
  if (contains(four_decimals, currency)) return 4;
  return 2;
}

Result<Currency> currency_from_code(std::string_view code) {
  const CodeTable& table = code_table();
  const auto row = std::ranges::lower_bound(table, code, {}, &CodeTable::value_type::first);
  if (row == table.end() || row->first != code) {
    return error(ErrorCode::InvalidArgument,
                 quote_input(code) + " is not an ISO 4217 currency code");
  }
  return row->second;
}

}  // namespace orderlog
