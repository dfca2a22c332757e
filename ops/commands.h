// The subcommands of the binary. Each returns the process's exit code: 0 done, 1 the world failed
// or a check found something, 2 wrong use, 3 rows of an import or records of a stream failed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/import/northwind.h"
#include "connectors/simulator/simulator.h"
#include "events/base/result.h"

namespace orderlog::ops {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_rows_failed = 3;

struct ServeOptions {
  std::string data;
  std::string listen;        // empty: as configured
  std::string config;        // empty: defaults
  std::string address_file;  // written with host:port when the socket listens; empty: none
  std::string clock = "wall";
  std::uint32_t partitions = 0;  // 0: as configured, or as the log was made
};
int serve(const ServeOptions& options);

struct VerifyOptions {
  std::string data;    // may be empty with [kafka] in the file
  std::string config;  // with [kafka]: the topic is verified, not the node's copy
};
int verify(const VerifyOptions& options);

struct TopicsOptions {
  std::string config;  // with [kafka]
  bool dry_run = false;
};
// Makes the topics that are missing and says so; those that are there stay as they are.
int apply_topics(const TopicsOptions& options);
// Prints each difference between the topics and the configuration; 1 if there is one.
int check_topics(const TopicsOptions& options);

struct DlqListOptions {
  std::string config;       // with [kafka], as in the others
  std::string reason;       // only letters whose reason holds this text
  std::string from;         // "partition:offset"; empty: the beginning
  std::uint64_t limit = 0;  // 0: all
  bool json = false;
};
// A line for each dead letter, by partition and offset, and how many of each reason there were.
int dlq_list(const DlqListOptions& options);

struct DlqShowOptions {
  std::string config;
  std::string position;  // "partition:offset"
  bool raw = false;      // the value's bytes alone
};
int dlq_show(const DlqShowOptions& options);

struct DlqReplayOptions {
  std::string config;
  std::vector<std::string> positions;
  bool all = false;    // that were not replayed yet
  std::string reason;  // of all: only letters whose reason holds this text
  bool dry_run = false;
};
// Sends parked records to the inbox again, as they came, and notes it beside them.
int dlq_replay(const DlqReplayOptions& options);

// The topics and their records as an AsyncAPI 3.0 document; without a file, of the defaults.
int print_asyncapi(const std::string& config);

struct TailOptions {
  std::string data;
  std::string from;  // "partition:sequence"; empty: the beginning
  std::string type;  // only events of this type
  bool json = false;
  bool follow = false;
};
int tail(const TailOptions& options);

struct DecodeOptions {
  bool json = false;
};
// Records as `kcat -C -D '' -f '%R%s'` prints them: of each, its length as 32 bits, big-endian
// (all of them set: null), then so many bytes. Events, commands and commits of the log become lines
// on standard output; of what is none of these, standard error says which record it was and why.
int decode(const DecodeOptions& options);

int simulate(const simulator::SimulatorOptions& options);
int import_northwind(const import::ImportOptions& options);
// With a server: asks it. Otherwise on a data directory that no process has open.
int rebuild(const std::string& projection, const std::string& server, const std::string& data);
int backup(const std::string& data, const std::string& server, const std::string& to);
// `id`: 0 for the newest.
int restore(const std::string& from, const std::string& data, std::uint32_t id);

// "orderlog: <what>: <why>" on standard error.
int report(const std::string& what, const Error& why);

// Where things are in a data directory.
std::string state_directory(const std::string& data);

}  // namespace orderlog::ops
