#include "events/base/decimal.h"

#include <algorithm>

namespace orderlog {

namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Gathered below zero, where int64 has one value more. False on overflow.
bool append_digits(std::int64_t& negative, std::string_view digits) {
  for (char c : digits) {
    if (__builtin_mul_overflow(negative, 10, &negative) ||
        __builtin_sub_overflow(negative, c - '0', &negative)) {
      return false;
    }
  }
  return true;
}

Error overflow(std::string_view text) {
  return error(ErrorCode::Overflow, quote_input(text) + " is too large a number");
}

}  // namespace

Result<Decimal> decimal_from_text(std::string_view text, int digits_max) {
  ORDERLOG_ENSURE(digits_max >= 0 && digits_max <= decimal_digits_max, "digits out of range");
  std::string_view rest = text;
  const bool minus = rest.starts_with('-');
  if (minus) rest.remove_prefix(1);
  const std::size_t point = rest.find('.');
  const bool has_point = point != std::string_view::npos;
  const std::string_view whole = rest.substr(0, point);
  std::string_view fraction = has_point ? rest.substr(point + 1) : std::string_view();
  if (!is_digits(whole) || (has_point && !is_digits(fraction))) {
    return error(ErrorCode::InvalidArgument, quote_input(text) + " is not a decimal number");
  }
  const auto kept = std::min(fraction.size(), static_cast<std::size_t>(digits_max));
  if (fraction.find_first_not_of('0', kept) != std::string_view::npos) {
    return error(ErrorCode::InvalidArgument,
                 quote_input(text) + " has more than " + std::to_string(digits_max) + " decimals");
  }
  fraction = fraction.substr(0, kept);
  Decimal decimal{.value = 0, .digits = static_cast<int>(kept)};
  if (!append_digits(decimal.value, whole) || !append_digits(decimal.value, fraction)) {
    return overflow(text);
  }
  if (!minus && __builtin_sub_overflow(std::int64_t{0}, decimal.value, &decimal.value)) {
    return overflow(text);
  }
  return decimal;
}

Result<std::int64_t> fixed_from_text(std::string_view text, int digits) {
  auto decimal = decimal_from_text(text, digits);
  if (!decimal) return decimal.error();
  std::int64_t value = decimal->value;
  for (int i = decimal->digits; i < digits; ++i) {
    if (__builtin_mul_overflow(value, 10, &value)) return overflow(text);
  }
  return value;
}

std::string fixed_to_text(std::int64_t value, int digits) {
  ORDERLOG_ENSURE(digits >= 0 && digits <= 255, "digits out of range");
  const auto places = static_cast<std::size_t>(digits);
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  if (text.size() - first <= places) text.insert(first, places + 1 - (text.size() - first), '0');
  if (places > 0) text.insert(text.size() - places, 1, '.');
  return text;
}

}  // namespace orderlog
