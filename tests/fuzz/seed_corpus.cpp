// Writes what the fuzz targets begin with: a sample of every command and event of the schema, as
// JSON and as FlatBuffers, and whole logs of such events. Made at build time from the same schema,
// so that no bytes lie in the repository that could grow stale.
//
//   seed_corpus DIRECTORY     makes DIRECTORY/fuzz_json, …/fuzz_flatbuffers, …/fuzz_record,
//   …/fuzz_log
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "events/base/ensure.h"
#include "events/codec/json_writer.h"
#include "events/codec/sample.h"
#include "events/log/commit_writer.h"
#include "events/schema/envelope_generated.h"

namespace {

namespace fs = std::filesystem;
using namespace orderlog;
using codec::MessageInfo;
using codec::SchemaRegistry;
using flatbuffers::FlatBufferBuilder;

using Bytes = std::span<const std::uint8_t>;

Bytes bytes_of(const FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetSize()};
}

void write(const fs::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ORDERLOG_ENSURE(out.flush().good(), "cannot write " + file.string());
}

void write(const fs::path& file, Bytes bytes) {
  write(file, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

// The body of a command, as JSON.
std::string body_in(const FlatBufferBuilder& builder) {
  std::string text;
  codec::write_command(text,
                       *flatbuffers::GetRoot<schema::CommandEnvelope>(builder.GetBufferPointer()));
  const std::size_t at = text.find(",\"data\":");
  ORDERLOG_ENSURE(at != std::string::npos, "a command without data");
  return text.substr(at + 8, text.size() - at - 9);
}

// The first byte chooses the command, the rest is its body.
void seed_json(const fs::path& folder) {
  const auto commands = SchemaRegistry::builtin().commands();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    FlatBufferBuilder builder;
    build_sample_command(builder, commands[i]);
    write(folder / commands[i].name, static_cast<char>(i) + body_in(builder));
  }
}

// The first byte says which form it has (fuzz_record.cpp), the second which command it is.
void seed_record(const fs::path& folder) {
  constexpr char json = 4 | 8;
  constexpr char binary = 4 | 8 | 1;
  constexpr char structured = 0;
  const auto commands = SchemaRegistry::builtin().commands();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    FlatBufferBuilder builder;
    build_sample_command(builder, commands[i]);
    const std::string name(commands[i].name);
    const std::string body = body_in(builder);
    const std::string head = R"({"specversion":"1.0","id":"1","source":"/crm","type":")" + name;
    const Bytes bytes = bytes_of(builder);
    const auto seed = [&](const char* form, char mode, const std::string& value) {
      write(folder / (name + form), std::string{mode, static_cast<char>(i)} + value);
    };
    seed(".json", json, body);
    seed(".fb", binary, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    seed(".event", structured, head + R"(","data":)" + body + "}");
  }
}

void seed_flatbuffers(const fs::path& folder) {
  FlatBufferBuilder builder;
  for (const MessageInfo& command : SchemaRegistry::builtin().commands()) {
    builder.Clear();
    build_sample_command(builder, command);
    write(folder / command.name, bytes_of(builder));
  }
  for (const MessageInfo& event : SchemaRegistry::builtin().events()) {
    builder.Clear();
    build_sample_event(builder, event);
    write(folder / event.name, bytes_of(builder));
  }
}

using Versions = std::map<std::pair<schema::AnyEvent, std::string>, std::uint64_t>;

// A sample, put into its place in the log. In place: the sample has every field.
void place_event(FlatBufferBuilder& builder, const MessageInfo& event, const log::LogEnd& after,
                 std::uint32_t partition, Versions& versions) {
  using schema::Envelope;
  build_sample_event(builder, event);
  auto* envelope = flatbuffers::GetMutableRoot<Envelope>(builder.GetBufferPointer());
  auto* table = reinterpret_cast<flatbuffers::Table*>(envelope);
  const auto version = ++versions[{envelope->payload_type(), envelope->aggregate_id()->str()}];
  const bool placed =
      table->SetField<std::uint32_t>(Envelope::VT_PARTITION, partition, 0) &&
      table->SetField<std::uint64_t>(Envelope::VT_SEQ, after.last_seq.value + 1, 0) &&
      table->SetField<std::uint64_t>(Envelope::VT_TERM, 1, 0) &&
      table->SetField<std::uint64_t>(Envelope::VT_AGGREGATE_VERSION, version, 0);
  ORDERLOG_ENSURE(placed, "a sample without a place");
}

// Each log: two partitions of two commits, with commands from one to the other.
void seed_log(const fs::path& folder) {
  const auto events = SchemaRegistry::builtin().events();
  const auto commands = SchemaRegistry::builtin().commands();
  constexpr std::uint32_t partitions = 2;
  std::size_t event = 0;
  for (std::size_t number = 0; event < events.size(); ++number) {
    std::string frames;
    for (std::uint32_t p = 0; p < partitions; ++p) {
      log::LogEnd end = log::empty_end(PartitionId(p), partitions);
      Versions versions;
      for (std::uint64_t c = 1; c <= 2; ++c) {
        log::CommitWriter writer;
        FlatBufferBuilder builder;
        place_event(builder, events[event++ % events.size()], end, p, versions);
        writer.append_event(bytes_of(builder));
        builder.Clear();
        build_sample_command(builder, commands[(number + c) % commands.size()]);
        writer.append_outbox(PartitionId(1 - p), log::OutboxSequence(c), bytes_of(builder));
        if (p == 1) {
          writer.set_inbox_position({PartitionId(0), log::OutboxSequence(c), log::CommitIndex(c)});
        }
        const auto sealed = writer.seal(PartitionId(p), end, Term(1), 1'700'000'000'000'000);
        ORDERLOG_ENSURE(sealed.ok(), "a seed that cannot be sealed");
        frames.append(reinterpret_cast<const char*>(sealed->frame.data()), sealed->frame.size());
        end = sealed->end();
      }
    }
    write(folder / ("log-" + std::to_string(number)), frames);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: seed_corpus DIRECTORY\n");
    return 2;
  }
  const fs::path root = argv[1];
  for (const char* folder : {"fuzz_json", "fuzz_flatbuffers", "fuzz_record", "fuzz_log"}) {
    fs::remove_all(root / folder);
    fs::create_directories(root / folder);
  }
  seed_json(root / "fuzz_json");
  seed_flatbuffers(root / "fuzz_flatbuffers");
  seed_record(root / "fuzz_record");
  seed_log(root / "fuzz_log");
  return 0;
}
