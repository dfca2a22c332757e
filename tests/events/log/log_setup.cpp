#include "log_setup.h"

#include <stdlib.h>
#include <sys/mount.h>

#include <chrono>
#include <stdexcept>

#include "events/schema/envelope_generated.h"

namespace orderlog::log::test {

namespace fs = std::filesystem;

TempDirectory::TempDirectory() {
  std::string pattern = (fs::temp_directory_path() / "orderlog_log_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TempDirectory::~TempDirectory() {
  std::error_code ec;
  fs::remove_all(path_, ec);
}

std::string TempDirectory::path(const std::string& inside) const {
  return inside.empty() ? path_.string() : (path_ / inside).string();
}

SmallDisk::SmallDisk(const std::string& at, std::size_t bytes) : at_(at) {
  fs::create_directories(at);
  const std::string size = "size=" + std::to_string(bytes);
  mounted_ = ::mount("tmpfs", at.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
}

SealedCommit PartitionWriter::seal(const CommitContent& content) {
  writer_.reset();
  for (const auto& event : content.events) writer_.append_event(bytes_of(event));
  for (const auto& item : content.outbox) {
    writer_.append_outbox(PartitionId(item.target), OutboxSequence(item.sequence),
                          bytes_of(item.command));
  }
  for (const auto& position : content.inbox) writer_.set_inbox_position(position);
  return must(writer_.seal(partition, end, term, 1'700'000'000'000'000));
}

SealedCommit PartitionWriter::seal_events(std::size_t count) {
  CommitContent content;
  for (std::size_t i = 0; i < count; ++i) {
    content.events.push_back("event " + std::to_string(end.last_seq.value + 1 + i));
  }
  return seal(content);
}

Status PartitionWriter::append(EventLog& log, const CommitContent& content, AppendDone done) {
  const SealedCommit sealed = seal(content);
  auto taken = log.append({&sealed, 1}, std::move(done));
  if (taken) advance(sealed);
  return taken;
}

Status PartitionWriter::append_events(EventLog& log, std::size_t count, AppendDone done) {
  const SealedCommit sealed = seal_events(count);
  auto taken = log.append({&sealed, 1}, std::move(done));
  if (taken) advance(sealed);
  return taken;
}

void EmbeddedBackend::open(std::uint32_t partitions, std::size_t queue_commits_max,
                           std::size_t queue_bytes_max) {
  options_.directory = directory_.path("data");
  options_.partition_count = partitions;
  options_.queue_commits_max = queue_commits_max;
  options_.queue_bytes_max = queue_bytes_max;
  options_.memtable_bytes = 1024 * 1024;
  log_ = must(open_embedded_log(options_));
}

void settle(EventLog& log) {
  std::uint64_t seen = 0;
  while (log.stats().queue_commits > 0) seen = log.wait_durable(seen, 1 /* ms */);
}

bool waits_for_more(LogReader& log) {
  constexpr std::uint32_t wait_ms = 50;
  const std::uint64_t seen = log.wait_durable(0, 0);
  const auto from = std::chrono::steady_clock::now();
  const std::uint64_t now = log.wait_durable(seen, wait_ms);
  return now == seen &&
         std::chrono::steady_clock::now() - from >= std::chrono::milliseconds(wait_ms);
}

void EmbeddedBackend::settle() { test::settle(*log_); }

void EmbeddedBackend::restart() {
  log_.reset();
  log_ = must(open_embedded_log(options_));
}

void MemoryBackend::open(std::uint32_t partitions, std::size_t queue_commits_max,
                         std::size_t queue_bytes_max) {
  MemoryLogOptions options;
  options.partition_count = partitions;
  options.queue_commits_max = queue_commits_max;
  options.queue_bytes_max = queue_bytes_max;
  log_ = must(open_memory_log(options));
}

void MemoryBackend::settle() {
  while (log_->step() > 0) {
  }
}

void MemoryBackend::restart() {
  settle();
  log_->crash();
}

std::vector<std::string> frames_of(LogReader& log, PartitionId partition, CommitIndex from) {
  std::vector<std::string> frames;
  auto cursor = must(log.read(partition, from));
  while (auto commit = must(cursor->next())) frames.push_back(text_of(commit->frame()));
  return frames;
}

std::string envelope(PartitionId partition, Sequence seq, Term term, const std::string& aggregate,
                     std::uint64_t version) {
  schema::EnvelopeT envelope;
  envelope.partition = partition.value;
  envelope.seq = seq.value;
  envelope.term = term.value;
  envelope.aggregate_id = aggregate;
  envelope.aggregate_version = version;
  schema::SystemEventsT events;
  schema::LeaderClaimT claim;
  claim.advertised_address = "127.0.0.1:8080";
  events.event.Set(std::move(claim));
  envelope.payload.Set(std::move(events));
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishEnvelopeBuffer(builder, schema::Envelope::Pack(builder, &envelope));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string command_envelope() {
  schema::CommandEnvelopeT command;
  command.actor = "test";
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CommandEnvelope::Pack(builder, &command));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace orderlog::log::test
