// ISO 4217: which currencies there are, how they are written and how many decimals they have.
#pragma once

#include <optional>
#include <string_view>

#include "events/base/result.h"
#include "events/schema/base_generated.h"

namespace orderlog {

using Currency = schema::Currency;

// Decimals of the minor unit: 0 (JPY), 2 (EUR), 3 (KWD) or 4 (CLF) (domain.md 4.1). Nothing for a
// value that names no currency, which a foreign buffer may hold.
std::optional<int> exponent_of(Currency currency);

bool is_known(Currency currency);

// "EUR"; empty when unknown.
std::string_view code_of(Currency currency);

// Upper-case code. Errors: InvalidArgument.
Result<Currency> currency_from_code(std::string_view code);

}  // namespace orderlog
