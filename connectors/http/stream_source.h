// Where the text of all streams comes from: one subscription for those that are up to date, the log
// for those that are not. No sockets: the text goes to a sink. The feed's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/http/stream_text.h"
#include "events/log/event_log.h"
#include "projections/runner/feed.h"
#include "projections/runner/runner.h"

namespace orderlog::http {

using StreamId = std::uint64_t;

class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // `wait_for_drain`: the streams get nothing more until ready() is called for them.
  virtual void write(std::vector<StreamId> streams, std::string text, bool wait_for_drain) = 0;
  virtual void end(StreamId stream) = 0;
};

class StreamSource {
 public:
  // `notify` is called by the runner's thread when there is something to take.
  StreamSource(projections::Runner& runner, log::LogReader& log, StreamSink& sink,
               std::size_t catch_up_bytes, std::function<void()> notify);

  // `after`: positions seen before; partitions that are not named begin with what comes next.
  void attach(StreamId stream, StreamChoice choice, std::vector<projections::Position> after);
  void detach(StreamId stream);
  void ready(StreamId stream);
  // Takes what came and lets streams catch up by one step each. True: call again soon.
  bool step();
  void heartbeat();

  std::size_t streams() const { return streams_.size(); }
  std::size_t catching_up() const;
  std::uint64_t events_written() const { return events_written_; }

 private:
  struct Stream {
    StreamChoice choice;
    std::vector<Sequence> at;  // not used while live: it is hub_
    bool live = false;
    bool ready = true;
    std::vector<std::unique_ptr<log::CommitCursor>> cursors;
    std::vector<std::optional<log::CommitView>> pending;
  };

  bool subscribe();
  void unsubscribe();
  void take_live();
  void take(const projections::FeedEvent& event);
  void publish();
  void all_catch_up();
  bool catch_up(StreamId id, Stream& stream);
  // The partition whose next unseen commit is the oldest; nothing when all are seen, an error when
  // the log can't be read.
  Result<std::optional<std::size_t>> oldest(Stream& stream);
  void go_live(Stream& stream);

  projections::Runner& runner_;
  log::LogReader& log_;
  StreamSink& sink_;
  const std::size_t catch_up_bytes_;
  std::function<void()> notify_;
  std::unique_ptr<projections::Subscription> subscription_;
  std::vector<Sequence> hub_;  // what live streams have seen
  std::map<StreamId, Stream> streams_;
  std::map<StreamChoice, std::string> texts_;  // of the present round, for live streams
  std::uint64_t events_written_ = 0;
};

}  // namespace orderlog::http
