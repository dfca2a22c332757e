// The binary edge: any bytes as an event or a command of a foreign writer. What the gate lets
// through must be readable to its last field and must become JSON that this reader takes apart
// again.
#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/ensure.h"
#include "events/codec/json_reader.h"
#include "events/codec/json_tape.h"
#include "events/codec/json_writer.h"
#include "events/codec/verify_buffer.h"

namespace {

void expect_json(const std::string& text) {
  static orderlog::codec::JsonTape tape;
  const bool within = text.size() <= orderlog::codec::json_bytes_max;
  const auto problem = tape.parse(text);
  const bool good = !problem || !within || problem->error != orderlog::codec::TapeError::Malformed;
  ORDERLOG_ENSURE(good, "not JSON: " + text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orderlog::codec;
  constexpr BufferLimits limits{.bytes_max = 65'536, .depth_max = 16, .tables_max = 1'000};
  std::string text;
  if (const auto event = verify_envelope({data, size}, limits); event.ok()) {
    write_envelope(text, event->root());
    expect_json(text);
  }
  text.clear();
  if (const auto command = verify_command({data, size}, limits); command.ok()) {
    write_command(text, command->root());
    expect_json(text);
  }
  return 0;
}
