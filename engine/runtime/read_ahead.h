// Reads the aggregates that a replay is going to change, on threads of its own and ahead of it: to
// read a stock item with all its reservations takes longer than to fold its events. Must hold: what
// is read is what the store had before the replay. An aggregate is read once, at its first event
// that is replayed, and until that has been folded nobody writes it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/runtime/cached_aggregate.h"
#include "events/log/event_log.h"

namespace orderlog::runtime {

class ReadAhead {
 public:
  // What waits to be taken, for each thread; a little more, since one aggregate may be larger.
  static constexpr std::size_t bytes_max = 64 * 1024 * 1024;

  // Begins with the commits after `from`, up to the log's end as it is now, on so many threads. Log
  // and the reader's store outlive it. Errors: the log's.
  static Result<std::unique_ptr<ReadAhead>> start(log::LogReader& log, PartitionId partition,
                                                  log::CommitIndex from,
                                                  const AggregateReader& reader,
                                                  std::size_t threads);

  // What the store had of the aggregate of this event, which is to be folded next; reads it if that
  // was not done. Events come in the order of the log. Errors: as AggregateReader.
  Result<std::unique_ptr<CachedAggregate>> take(const schema::Envelope& event);

 private:
  // A thread with its share of the aggregates.
  class Share {
   public:
    Share(std::unique_ptr<log::CommitCursor> commits, log::CommitIndex last,
          const AggregateReader& reader, std::size_t number, std::size_t shares);
    ~Share();
    Share(const Share&) = delete;
    // Waits until that far is read. Nothing: it was not read.
    std::unique_ptr<CachedAggregate> take(const schema::Envelope& event, std::size_t hash);

   private:
    struct Read {
      std::size_t hash;
      std::unique_ptr<CachedAggregate> aggregate;
    };
    void run();
    bool read_commit(const log::CommitView& commit);
    bool publish(Sequence read_up_to, std::vector<Read>& read);

    const std::unique_ptr<log::CommitCursor> commits_;
    const log::CommitIndex last_;
    const AggregateReader& reader_;
    const std::size_t number_;
    const std::size_t shares_;
    boost::unordered_flat_set<std::size_t> seen_;  // by the hash of kind and id; the thread's

    std::mutex mutex_;  // everything down to stopping_
    std::condition_variable changed_;
    boost::unordered_flat_map<std::size_t, std::unique_ptr<CachedAggregate>> waiting_;
    std::size_t waiting_bytes_ = 0;
    Sequence read_up_to_;
    bool wanted_ = false;    // the replay waits for more
    bool finished_ = false;  // no more comes
    bool stopping_ = false;

    std::thread thread_;  // last: it uses all of the above
  };

  explicit ReadAhead(const AggregateReader& reader) : reader_(reader) {}

  const AggregateReader reader_;
  std::vector<std::unique_ptr<Share>> shares_;
};

}  // namespace orderlog::runtime
