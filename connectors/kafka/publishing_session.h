// One stretch of publishing by one node: from fencing the publisher before to the first failure.
// The publisher's thread only.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/kafka/alert_reader.h"
#include "connectors/kafka/published_position.h"
#include "connectors/kafka/publisher.h"
#include "projections/runner/row_snapshot.h"
#include "projections/runner/row_watch.h"

namespace orderlog::kafka {

// Of a row's record: a fingerprint of its columns as they lie in the model, 16 hexadecimal digits,
// by which the next publisher sees whether the row has changed since.
inline constexpr std::string_view row_header = "ol_row";

class PublishingSession {
 public:
  // Fences, reads the position, waits for the rows, compares the views with their topics. Errors:
  // Unavailable (told to stop, too), Fenced, NotFound (a topic), Corrupt, those of the clients.
  static Result<std::unique_ptr<PublishingSession>> open(Publisher& publisher);

  // Publishes what there is, up to a transaction, or waits a little for something. Errors: any; the
  // session is over then.
  Status step();

 private:
  // A view's topic as it was found: the fingerprint that the last record of each key bears.
  using KnownRows = std::unordered_map<std::string, std::string>;

  explicit PublishingSession(Publisher& publisher) : publisher_(publisher) {}
  Status await_rows();
  Status compare_all();
  Status compare(const PublishedView& view);
  Result<KnownRows> known_rows(const std::string& topic);
  Result<bool> publish_alerts(const std::vector<Sequence>& until);
  Status publish_rows(const std::vector<projections::RowWatch::Name>& names);
  Status put_row(const PublishedView& view, std::string_view key,
                 const std::optional<projections::SnapshotRow>& row, std::string_view fingerprint);
  std::string fingerprint(const std::string& table, const projections::SnapshotRow& row);
  Status add(const std::string& topic, std::string_view key, log::Bytes value,
             std::span<const std::pair<std::string_view, std::string_view>> headers);
  Status commit();
  void rows_stand_for(const std::vector<Sequence>& position);
  void tell(const std::vector<Sequence>* through);

  Publisher& publisher_;
  std::unique_ptr<log::kafka::TransactionalSender> sender_;
  std::shared_ptr<projections::RowWatch> watch_;
  std::optional<AlertReader> alerts_;
  PublishedPosition position_;  // of the transaction that is open
  PublishedPosition written_;
  std::chrono::steady_clock::time_point written_at_;
  std::map<std::string, std::uint64_t> records_;  // of the transaction, by topic
  std::size_t record_count_ = 0;
  std::size_t bytes_ = 0;
  std::string json_;
};

}  // namespace orderlog::kafka
