// The benchmarks, each printing one line of JSON. `quick` keeps each under a minute.
#pragma once

#include <cstdint>
#include <string>

namespace orderlog::bench {

// proof.md B7: engine events/s in commits of about 256 events, without HTTP ÷ raw append +
// fdatasync of the same bytes.
void b7(const std::string& directory, bool quick);
// proof.md B8: replay from zero ÷ bare scan of the same events stored one key each.
void b8(const std::string& directory, bool quick);
// proof.md B5: acknowledgement p50 over HTTP on one connection ÷ fdatasync p50.
void b5(const std::string& directory, const std::string& server, bool quick);
// Replays a stopped server's log from zero into memory, its partitions on that many threads:
// {"events":…,"per_second":…}. The data are not changed.
void replay(const std::string& data, int threads);
// Builds all read models of a stopped server's log anew in `scratch`, which is emptied, and fails
// unless the rows are those of the server's own: {"events":…,"per_second":…}.
void rebuild(const std::string& data, const std::string& scratch);
// Opens a stopped or killed server's log, state store and read models, as its start does: seconds.
void open_stores(const std::string& data);

// The master data of the mixed orders, over HTTP. Idempotent.
void prepare(const std::string& server, int skus);

// On a Kafka cluster; `config`: the installation's file, whose topics are there.
// proof.md B13: events/s through the log in transactions of 1,024 events ÷ plain idempotent
// producing of the same records.
void b13(const std::string& config, const std::string& directory, bool quick);
// TX1, TX64, TX1024, one line each: acknowledgement p50 of a commit of so many events ÷ producing
// the same records and waiting for them; also the transaction's own p50.
void transactions(const std::string& config, const std::string& directory, bool quick);
// Sends `rate` orders a second to the one topic, at times fixed beforehand, and waits for the first
// record of each order on the other: {"sent":…,"p50_us":…} from the time that it was to be sent.
// `first`: the number of the first order; they must be new.
void roundtrip(const std::string& config, const std::string& send_to, const std::string& watch,
               int rate, int seconds, std::int64_t first);

}  // namespace orderlog::bench
