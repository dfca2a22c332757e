// The JSON edge: any bytes as the body of any command. The first byte chooses the command; what is
// accepted must be a valid command with an id, and must say the same when it is written and read
// again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "events/base/ensure.h"
#include "events/codec/json_reader.h"
#include "events/codec/json_writer.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orderlog;
  using namespace orderlog::codec;
  if (size == 0) return 0;
  const auto commands = SchemaRegistry::builtin().commands();
  const MessageInfo& command = commands[data[0] % commands.size()];
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  static flatbuffers::FlatBufferBuilder builder;
  CommandMeta meta;
  meta.command_id = Uuid(1, 2);
  const CommandRead read = build_command(builder, command.name, body, meta);
  if (!read) {
    ORDERLOG_ENSURE(!read.problems.empty(), "refused without a reason");
    ORDERLOG_ENSURE(read.problems.size() <= problems_max, "too many reasons");
    return 0;
  }
  const auto verified = verify_command({builder.GetBufferPointer(), builder.GetSize()});
  ORDERLOG_ENSURE(verified.ok(), "accepted JSON became a bad buffer");
  ORDERLOG_ENSURE(aggregate_id_of(verified->root()) == read.built->aggregate_id, "another id");
  std::string first;
  write_command(first, verified->root());
  const std::size_t at = first.find(",\"data\":");
  ORDERLOG_ENSURE(at != std::string::npos, "a command without data");
  const std::string again = first.substr(at + 8, first.size() - at - 9);
  static flatbuffers::FlatBufferBuilder second;
  const CommandRead reread = build_command(second, command.name, again, meta);
  ORDERLOG_ENSURE(reread, "what was written could not be read: " + again);
  std::string twice;
  write_command(twice, *flatbuffers::GetRoot<schema::CommandEnvelope>(second.GetBufferPointer()));
  ORDERLOG_ENSURE(twice.substr(twice.find(",\"data\":")) == first.substr(at),
                  "not the same: " + twice);
  return 0;
}
