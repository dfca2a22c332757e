// Opening the log's RocksDB, for writing with all checks or only for reading. Private to this room.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "events/log/embedded_log.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace orderlog::log::rocks {

struct CloseDatabase {
  std::shared_ptr<rocksdb::Env> env;  // outlives the database
  void operator()(rocksdb::DB* database) const;
};
using Database = std::unique_ptr<rocksdb::DB, CloseDatabase>;

struct OpenLog {
  Database database;
  std::vector<LogEnd> ends;  // by partition
};

// Creates a log that is not there. Errors: those of open_embedded_log.
Result<OpenLog> open_for_writing(const EmbeddedLogOptions& options);

// Ends of damaged partitions are as far as they can be read.
Result<OpenLog> open_for_reading(const std::string& directory);

}  // namespace orderlog::log::rocks
