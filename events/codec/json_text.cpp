#include "events/codec/json_text.h"

#include <array>
#include <charconv>
#include <string_view>

#include "events/base/time.h"
#include "events/codec/json_writer.h"

namespace orderlog::codec {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

// 0: plain ASCII, to be copied; else it needs a look.
constexpr std::array<bool, 256> special = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = true;
  table['"'] = table['\\'] = table[0x7F] = true;
  return table;
}();

// Bytes of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7); 0 when it is not.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto in = [](unsigned value, unsigned low, unsigned high) {
    return value >= low && value <= high;
  };
  const unsigned lead = byte(0);
  if (in(lead, 0xC2, 0xDF)) return in(byte(1), 0x80, 0xBF) ? 2 : 0;
  if (in(lead, 0xE0, 0xEF)) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return in(byte(1), low, high) && in(byte(2), 0x80, 0xBF) ? 3 : 0;
  }
  if (in(lead, 0xF0, 0xF4)) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    const bool rest = in(byte(2), 0x80, 0xBF) && in(byte(3), 0x80, 0xBF);
    return in(byte(1), low, high) && rest ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[c >> 4];
      out += hex_digits[c & 15];
  }
}

template <class Int>
void append_number(std::string& out, Int value) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

char* put_digits(char* at, std::uint32_t value, int width) {
  for (int i = width; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + width;
}

char* put_date(char* at, Day day) {
  const CivilDate date = civil_from_day(day);
  at = put_digits(at, static_cast<std::uint32_t>(date.year), 4);
  *at++ = '-';
  at = put_digits(at, static_cast<std::uint32_t>(date.month), 2);
  *at++ = '-';
  return put_digits(at, static_cast<std::uint32_t>(date.day_of_month), 2);
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = c < 0x80 ? 1 : sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (!special[c]) {
      ++at;
      continue;
    }
    const std::size_t length = c < 0x80 ? 0 : sequence_length(text.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    out.append(text, from, at - from);
    if (c < 0x80) {
      append_escaped(out, c);
    } else {
      out += "\xEF\xBF\xBD";
    }
    from = ++at;
  }
  out.append(text, from, at - from);
  out += '"';
}

void append_uuid(std::string& out, std::uint64_t hi, std::uint64_t lo) {
  char text[38];
  char* at = text;
  *at++ = '"';
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) *at++ = '-';
    const std::uint64_t half = i < 16 ? hi : lo;
    *at++ = hex_digits[half >> (60 - 4 * (i % 16)) & 15];
  }
  *at++ = '"';
  out.append(text, at);
}

// Beyond the years 0 to 9999 the text is that of events/base, which no reader here accepts.
void append_date(std::string& out, std::int32_t day) {
  if (day < day_min || day > day_max) {
    out.append("\"").append(day_to_text(day)) += '"';
    return;
  }
  char text[12];
  text[0] = '"';
  char* end = put_date(text + 1, day);
  *end++ = '"';
  out.append(text, end);
}

void append_timestamp(std::string& out, std::int64_t microseconds) {
  if (microseconds < timestamp_min || microseconds > timestamp_max) {
    out.append("\"").append(timestamp_to_text(microseconds)) += '"';
    return;
  }
  const Day day = utc_day(microseconds);
  const std::int64_t in_day = microseconds - day * us_per_day;
  const auto second = static_cast<std::uint32_t>(in_day / us_per_second);
  const auto fraction = static_cast<std::uint32_t>(in_day % us_per_second);
  char text[32];
  text[0] = '"';
  char* at = put_date(text + 1, day);
  *at++ = 'T';
  at = put_digits(at, second / 3600, 2);
  *at++ = ':';
  at = put_digits(at, second / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, second % 60, 2);
  if (fraction != 0) {
    *at++ = '.';
    at = fraction % 1000 == 0 ? put_digits(at, fraction / 1000, 3) : put_digits(at, fraction, 6);
  }
  *at++ = 'Z';
  *at++ = '"';
  out.append(text, at);
}

void append_integer(std::string& out, std::int64_t value) { append_number(out, value); }
void append_unsigned(std::string& out, std::uint64_t value) { append_number(out, value); }

}  // namespace orderlog::codec
