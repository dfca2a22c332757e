#include "tests/ops/process/bad_requests.h"

namespace orderlog::test {
namespace {

constexpr std::size_t body_bytes_max = 1024 * 1024;  // the default of http.body_bytes_max

const Refusal malformed{400, "malformed-json", ""};
const Refusal unknown{404, "unknown-command", ""};
const Refusal not_found{404, "not-found", {}};
const Refusal bad_header{400, "invalid-header", {}};
const Refusal stale{412, "version-conflict", {}};
const Refusal key_reused{422, "idempotency-key-reused", {}};

Refusal invalid(const std::string& pointer) { return {422, "invalid-command", pointer}; }
Refusal senseless(const std::string& pointer) { return {422, "invalid-argument", pointer}; }

std::string capture(const std::string& amount) {
  return R"({"payment_id":"PAY-1","customer_id":"C-1","amount":)" + amount + "}";
}

std::string order(const std::string& lines, const std::string& currency = "USD") {
  return R"({"order_id":"SO-9","header":{"customer_id":"C-1","currency":")" + currency +
         R"(","ship_to":{"street":"Main Street 1","city":"Town","country":"DE"}},"lines":)" +
         lines + "}";
}

// A CommandEnvelope in FlatBuffers, cut off: an offset to a table that is not there.
std::string cut_flatbuffer() { return {"\x10\x00\x00\x00\x00\x00\x0a\x00", 8}; }

using Requests = std::vector<BadRequest>;

Requests bad_json() {
  const std::string path = command_path("ReceiveStock");
  const std::string good = receive_tea(R"({"milli":1000})");
  const auto document = [](const std::string& text) {
    return receive_tea(R"({"milli":1})", R"(,"document":")" + text + "\"");
  };
  return {
      {"no body", path, "", malformed},
      {"cut off", path, good.substr(0, good.size() - 1), malformed},
      {"two values", path, good + good, malformed},
      {"a comma too many", path, receive_tea(R"({"milli":1000,})"), malformed},
      {"not UTF-8", path, document("\xC3\x28"), malformed},
      {"half a surrogate", path, document(R"(\ud800)"), malformed},
      {"a number that is none", path, receive_tea(R"({"milli":NaN})"), malformed},
      {"too deep", path, std::string(100'000, '['), malformed},
      {"too large", path, std::string(body_bytes_max + 1, ' '), {413, "body-too-large", {}}},
      {"a text too long",
       path,
       document(std::string(100'000, 'x')),
       {413, "body-too-large", "/document"}},
      {"FlatBuffers said to be JSON", path, cut_flatbuffer(), malformed},
      {"FlatBuffers",
       path,
       cut_flatbuffer(),
       {415, "unsupported-media-type", {}},
       {},
       "application/octet-stream"},
  };
}

Requests bad_commands() {
  const std::string path = command_path("ReceiveStock");
  const std::string good = receive_tea(R"({"milli":1000})");
  const auto with = [](const std::string& more) { return receive_tea(R"({"milli":1})", more); };
  return {
      {"unknown command", command_path("GiveAwayStock"), good, unknown},
      {"an event is no command", command_path("StockReceived"), good, unknown},
      {"not an object", path, "[]", invalid("")},
      {"unknown field", path, with(R"(,"colour":"red")"), invalid("/colour")},
      {"unknown field within", path, receive_tea(R"({"milli":1,"unit":"kg"})"),
       invalid("/quantity/unit")},
      {"field given twice", path, with(R"(,"quantity":{"milli":2})"), invalid("/quantity")},
      {"field missing", path, R"({"stock_item_id":"TEA@MAIN"})", invalid("/quantity")},
      {"text for a number", path, receive_tea(R"({"milli":"1"})"), invalid("/quantity/milli")},
      {"number for an object", path, receive_tea("1000"), invalid("/quantity")},
      {"number for a text", path, R"({"stock_item_id":7,"quantity":{"milli":1}})",
       invalid("/stock_item_id")},
      {"a fraction", path, receive_tea(R"({"milli":1.5})"), invalid("/quantity/milli")},
      {"out of range", path, receive_tea(R"({"milli":9223372036854775808})"),
       invalid("/quantity/milli")},
      {"no such value of an enum", command_path("PlaceOrder"), order("[]", "GOLD"),
       invalid("/header/currency")},
      {"no id", path, R"({"stock_item_id":"","quantity":{"milli":1}})", invalid("/stock_item_id")},
      {"a day that is none", command_path("IssueQuote"),
       R"({"quote_id":"Q-1","valid_until":"2026-02-30"})", invalid("/valid_until")},
      {"money without currency", command_path("CapturePayment"), capture(R"({"minor":500})"),
       invalid("/amount/currency")},
      {"money of no currency", command_path("CapturePayment"),
       capture(R"({"minor":500,"currency":"None"})"), invalid("/amount/currency")},
      {"money as a number", command_path("CapturePayment"), capture("5.00"), invalid("/amount")},
  };
}

Requests bad_business() {
  const std::string path = command_path("ReceiveStock");
  return {
      {"negative quantity", path, receive_tea(R"({"milli":-1000})"), senseless("/quantity")},
      {"negative quantity ordered",
       command_path("PlaceOrder"),
       order(R"([{"line":1,"product_id":"TEA","quantity":{"milli":-1000}}])"),
       {422, "invalid-argument", {}}},
      {"negative money", command_path("CapturePayment"),
       capture(R"({"minor":-500,"currency":"EUR"})"), senseless("/amount")},
      {"illegal transition",
       command_path("ResolveTicket"),
       R"({"ticket_id":"T-1","resolution":"again"})",
       {409, "invalid-transition", {}}},
      {"of something unknown", command_path("CancelOrder"), R"({"order_id":"SO-0","reason":"x"})",
       not_found},
      {"only the engine may",
       command_path("ExpireHolds"),
       R"({"stock_item_id":"TEA@MAIN"})",
       {403, "engine-only", {}}},
      {"time in the future", path,
       receive_tea(R"({"milli":1})", R"(,"occurred_at":"2999-01-01T00:00:00Z")"),
       senseless("/occurred_at")},
  };
}

Requests bad_headers() {
  const std::string path = command_path("ReceiveStock");
  const std::string good = receive_tea(R"({"milli":1000})");
  return {
      {"stale If-Match", path, good, stale, {{"If-Match", "\"0\""}}},
      {"If-Match ahead of it", path, good, stale, {{"If-Match", "\"99\""}}},
      {"unusable If-Match", path, good, bad_header, {{"If-Match", "W/\"1\""}}},
      {"a key used for another body",
       path,
       receive_tea(R"({"milli":2000})"),
       key_reused,
       {{"Idempotency-Key", "first"}}},
      {"unusable key", path, good, bad_header, {{"Idempotency-Key", std::string(1'000, 'k')}}},
      {"unknown role", path, good, bad_header, {{"X-Role", "King"}}},
      {"no way", "/v1/nothing/here", good, {404, "no-such-route", {}}},
  };
}

}  // namespace

std::vector<BadRequest> bad_requests() {
  Requests all;
  for (const auto& some : {bad_json(), bad_commands(), bad_business(), bad_headers()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace orderlog::test
