// A log in memory that is written event by event, and a runner that folds it step by step: what the
// tests of this room are made of. Events are the schema's native objects.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/base/money.h"
#include "events/base/quantity.h"
#include "events/base/uuid.h"
#include "events/log/memory_log.h"
#include "projections/runner/runner.h"

namespace orderlog::projections::test {

// 2024-01-15 (a Monday) 12:00 UTC.
inline constexpr TimestampUs start_of_tests = 1'705'320'000LL * us_per_second;

inline Day day(const char* text) { return day_from_text(text).value(); }
inline Money usd(std::int64_t minor) { return Money(minor, schema::Currency::USD); }
inline Quantity units(std::int64_t count) { return Quantity(count * milli_per_unit); }

template <class T>
std::unique_ptr<T> own(T value) {
  return std::make_unique<T>(std::move(value));
}

// Wraps an event of any aggregate's union.
template <class EventT>
schema::AnyEventUnion payload_of(EventT event) {
  schema::AnyEventUnion any;
  const auto wrap = [&](auto wrapper) {
    wrapper.event.Set(std::move(event));
    any.Set(std::move(wrapper));
  };
  using namespace schema;  // NOLINT(google-build-using-namespace): one line for each aggregate
  if constexpr (OrderEventUnionTraits<EventT>::enum_value != OrderEvent::NONE) {
    wrap(OrderEventsT());
  } else if constexpr (ShipmentEventUnionTraits<EventT>::enum_value != ShipmentEvent::NONE) {
    wrap(ShipmentEventsT());
  } else if constexpr (InvoiceEventUnionTraits<EventT>::enum_value != InvoiceEvent::NONE) {
    wrap(InvoiceEventsT());
  } else if constexpr (PaymentEventUnionTraits<EventT>::enum_value != PaymentEvent::NONE) {
    wrap(PaymentEventsT());
  } else if constexpr (ApprovalEventUnionTraits<EventT>::enum_value != ApprovalEvent::NONE) {
    wrap(ApprovalEventsT());
  } else if constexpr (TicketEventUnionTraits<EventT>::enum_value != TicketEvent::NONE) {
    wrap(TicketEventsT());
  } else if constexpr (QuoteEventUnionTraits<EventT>::enum_value != QuoteEvent::NONE) {
    wrap(QuoteEventsT());
  } else if constexpr (CustomerEventUnionTraits<EventT>::enum_value != CustomerEvent::NONE) {
    wrap(CustomerEventsT());
  } else if constexpr (CreditEventUnionTraits<EventT>::enum_value != CreditEvent::NONE) {
    wrap(CreditEventsT());
  } else if constexpr (LeadEventUnionTraits<EventT>::enum_value != LeadEvent::NONE) {
    wrap(LeadEventsT());
  } else if constexpr (AuditEventUnionTraits<EventT>::enum_value != AuditEvent::NONE) {
    wrap(AuditEventsT());
  } else if constexpr (StockEventUnionTraits<EventT>::enum_value != StockEvent::NONE) {
    wrap(StockEventsT());
  } else {
    static_assert(SystemEventUnionTraits<EventT>::enum_value != SystemEvent::NONE);
    wrap(SystemEventsT());
  }
  return any;
}

class WrittenLog {
 public:
  explicit WrittenLog(std::uint32_t partitions = 1) {
    log::MemoryLogOptions options;
    options.partition_count = partitions;
    options.durable_at_once = true;
    log_ = std::move(log::open_memory_log(options)).value();
    for (std::uint32_t p = 0; p < partitions; ++p) {
      claims_.push_back(log_->claim(PartitionId(p)).value());
    }
  }

  log::MemoryLog& log() { return *log_; }
  TimestampUs now = start_of_tests;
  std::string actor = "ann";

  // One commit with one event, on the partition of the aggregate's id unless told.
  template <class EventT>
  Position add(const std::string& aggregate_id, EventT event) {
    return add_to(partition_of(aggregate_id, log_->partition_count()), aggregate_id,
                  std::move(event));
  }
  template <class EventT>
  Position add_to(PartitionId partition, const std::string& aggregate_id, EventT event) {
    schema::EnvelopeT envelope;
    envelope.payload = payload_of(std::move(event));
    return write(partition, aggregate_id, std::move(envelope));
  }

  Position write(PartitionId partition, const std::string& aggregate_id,
                 schema::EnvelopeT envelope) {
    const log::LogEnd& end = claims_[partition.value].end;
    envelope.partition = partition.value;
    envelope.seq = end.last_seq.value + 1 + skip_;
    envelope.event_id =
        derive_uuid(Uuid(partition.value + 1, 1), static_cast<std::uint32_t>(envelope.seq));
    envelope.aggregate_id = aggregate_id;
    envelope.aggregate_version = ++versions_[aggregate_id];
    envelope.occurred_at = now;
    envelope.recorded_at = now;
    envelope.actor = actor;
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::Envelope::Pack(builder, &envelope), schema::EnvelopeIdentifier());
    return write_bytes(partition, {builder.GetBufferPointer(), builder.GetSize()});
  }

  Position write_bytes(PartitionId partition, log::Bytes bytes) {
    log::Claim& claim = claims_[partition.value];
    writer_.reset();
    writer_.append_event(bytes);
    auto sealed = writer_.seal(partition, claim.end, claim.term, now).value();
    claim.end = sealed.end();
    const auto appended = log_->append({&sealed, 1}, [](const Status& done) { done.value(); });
    appended.value();
    return {partition, claim.end.last_seq};
  }

  // The next events claim a sequence that is too high.
  void skip_sequence(std::uint64_t by) { skip_ = by; }
  // After the log has lost commits: go on where it ends now.
  void claim_again(PartitionId partition) {
    claims_[partition.value] = log_->claim(partition).value();
  }

 private:
  std::unique_ptr<log::MemoryLog> log_;
  std::vector<log::Claim> claims_;
  log::CommitWriter writer_;
  std::map<std::string, std::uint64_t> versions_;
  std::uint64_t skip_ = 0;
};

// A directory that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "projections.XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline RunnerOptions stepped(const std::string& directory) {
  RunnerOptions options;
  options.directory = directory;
  options.own_thread = false;
  options.memtable_bytes = 1024 * 1024;
  options.block_cache_bytes = 1024 * 1024;
  return options;
}

// A written log, its directory and a runner that folds when told.
class World {
 public:
  explicit World(std::vector<ModelDefinition> models, std::uint32_t partitions = 1)
      : written(partitions), models_(std::move(models)) {
    open();
  }
  // Closed before its directory goes: a flush into nowhere waits for a second.
  ~World() { runner.reset(); }

  WrittenLog written;
  std::unique_ptr<Runner> runner;

  void open() { open(stepped(directory_.path())); }
  void open(RunnerOptions options) {
    runner.reset();
    runner = std::move(Runner::open(written.log(), std::move(options), models_)).value();
  }
  void set_models(std::vector<ModelDefinition> models) { models_ = std::move(models); }
  const std::string& directory() const { return directory_.path(); }

  void catch_up() {
    for (;;) {
      const auto stepped = runner->step();
      ASSERT_TRUE(stepped.ok()) << to_string(stepped.error());
      if (!*stepped) return;
    }
  }

  ReportRequest request(const std::string& report, Parameters parameters = {}) const {
    ReportRequest asked;
    asked.report = report;
    asked.parameters = std::move(parameters);
    asked.as_of = written.now;
    return asked;
  }
  Result<ReportPage> ask(const std::string& report, Parameters parameters = {}) {
    return runner->report(request(report, std::move(parameters)));
  }
  // All rows of a report, page by page; the total must be theirs.
  template <class RowT>
  std::vector<RowT> rows(const std::string& report, Parameters parameters = {},
                         std::uint32_t limit = 0) {
    std::vector<RowT> result;
    ReportRequest asked = request(report, std::move(parameters));
    asked.limit = limit;
    std::optional<std::uint64_t> total;
    do {
      auto page = runner->report(asked);
      EXPECT_TRUE(page.ok()) << to_string(page.error());
      if (!page) return {};
      for (const std::string& bytes : page->rows) {
        result.emplace_back();
        flatbuffers::GetRoot<typename RowT::TableType>(bytes.data())->UnPackTo(&result.back());
      }
      total = page->total;
      asked.cursor = page->next_cursor;
    } while (!asked.cursor.empty());
    if (total) {
      EXPECT_EQ(*total, result.size()) << report;
    }
    return result;
  }
  template <class RowT>
  RowT row(const std::string& report, const std::string& key) {
    RowT result;
    const auto bytes = runner->row(report, key, written.now);
    EXPECT_TRUE(bytes.ok() && bytes->has_value()) << report << " " << key;
    if (bytes.ok() && *bytes) {
      flatbuffers::GetRoot<typename RowT::TableType>((*bytes)->data())->UnPackTo(&result);
    }
    return result;
  }

 private:
  TemporaryDirectory directory_;
  std::vector<ModelDefinition> models_;
};

}  // namespace orderlog::projections::test
