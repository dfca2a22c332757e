// Opens the log and finds where its partitions end.
#include "events/log/rocks_open.h"

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>

#include <filesystem>

#include "events/log/prepared_wal.h"
#include "events/log/rocks_format.h"

namespace orderlog::log::rocks {
namespace {

namespace fs = std::filesystem;

Status check_options(const EmbeddedLogOptions& options) {
  const auto refuse = [](const std::string& why) { return error(ErrorCode::InvalidArgument, why); };
  if (options.directory.empty()) return refuse("the log needs a directory");
  if (options.partition_count > partitions_max) {
    return refuse("partition_count " + std::to_string(options.partition_count) +
                  " is above the maximum of " + std::to_string(partitions_max));
  }
  if (options.group_bytes_max == 0 || options.group_commits_max == 0 ||
      options.queue_bytes_max == 0 || options.queue_commits_max == 0) {
    return refuse("the log's bounds must be positive");
  }
  if (options.gather_us_max < 0) return refuse("gather_us_max must not be negative");
  if (options.memtable_bytes < 64 * 1024) return refuse("memtable_bytes must be at least 65536");
  return {};
}

// A new directory entry is only durable once the directory that holds it is. All on the way are
// synced, also those that are there: a start that was cut short may have made them and no more.
// Where there is a log, its first start has done this to the end.
Status make_directory(rocksdb::FileSystem& files, const std::string& directory) {
  if (files.FileExists(directory + "/CURRENT", {}, nullptr).ok()) return {};
  std::error_code ec;
  const fs::path path = fs::absolute(directory, ec).lexically_normal();
  if (ec) return error(ErrorCode::Io, directory + ": " + ec.message());
  fs::path parent = path.root_path();
  for (const fs::path& name : path.relative_path()) {
    const fs::path at = parent / name;
    const bool was_there = files.FileExists(at, {}, nullptr).ok();
    auto status = files.CreateDirIfMissing(at, {}, nullptr);
    if (!status.ok()) return error_of(status, "making " + at.string());
    std::unique_ptr<rocksdb::FSDirectory> holder;
    status = files.NewDirectory(parent, {}, &holder, nullptr);
    // One that may not be read is not one that we made.
    if (status.ok()) {
      status = holder->Fsync({}, nullptr);
    } else if (was_there) {
      status = rocksdb::IOStatus::OK();
    }
    if (!status.ok()) return error_of(status, "making " + at.string() + " durable");
    parent = at;
  }
  return {};
}

Result<Database> open_database(const EmbeddedLogOptions& options, const std::string& path,
                               std::shared_ptr<rocksdb::FileSystem> files) {
  rocksdb::Options db_options = log_options(options, path + "/LOG");
  if (options.prepare_wal) {
    files = std::make_shared<PreparedWal>(files, path, options.memtable_bytes);
  }
  std::shared_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  db_options.env = env.get();
  rocksdb::DB* database = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(db_options, path, &database);
  if (status.IsNotSupported() || status.IsInvalidArgument()) {
    // File systems without direct I/O, such as tmpfs.
    db_options.use_direct_io_for_flush_and_compaction = false;
    status = rocksdb::DB::Open(db_options, path, &database);
  }
  if (!status.ok()) return error_of(status, "opening the log in " + path);
  return Database(database, CloseDatabase{std::move(env)});
}

Result<std::vector<LogEnd>> read_ends(rocksdb::DB& database, std::uint32_t count, bool strict) {
  std::vector<LogEnd> ends;
  for (std::uint32_t p = 0; p < count; ++p) {
    auto end = stored_end(database, PartitionId(p), count, strict);
    if (!end) return std::move(end).error();
    ends.push_back(*end);
  }
  return ends;
}

// The count of the log, which a new one gets from the options.
Result<std::uint32_t> agree_on_partitions(rocksdb::DB& database,
                                          const EmbeddedLogOptions& options) {
  auto stored = stored_partition_count(database);
  if (!stored) return std::move(stored).error();
  if (!*stored) {
    if (options.partition_count == 0) {
      return error(ErrorCode::InvalidArgument, "a new log needs a partition count");
    }
    if (auto made = store_partition_count(database, options.partition_count); !made) {
      return std::move(made).error();
    }
    return options.partition_count;
  }
  if (options.partition_count != 0 && options.partition_count != **stored) {
    return error(ErrorCode::Conflict, "the log in " + options.directory + " was created with " +
                                          std::to_string(**stored) + " partitions, not " +
                                          std::to_string(options.partition_count) +
                                          "; the number is fixed for the life of a log");
  }
  return **stored;
}

}  // namespace

void CloseDatabase::operator()(rocksdb::DB* database) const {
  (void)database->Close();  // what it could still report was synced before
  delete database;
}

Result<OpenLog> open_for_writing(const EmbeddedLogOptions& options) {
  if (auto checked = check_options(options); !checked) return std::move(checked).error();
  const std::string path = log_directory(options.directory);
  const auto files = options.files ? options.files : rocksdb::FileSystem::Default();
  if (auto made = make_directory(*files, path); !made) return std::move(made).error();
  auto database = open_database(options, path, files);
  if (!database) return std::move(database).error();
  auto count = agree_on_partitions(**database, options);
  if (!count) return std::move(count).error();
  auto ends = read_ends(**database, *count, true);
  if (!ends) return std::move(ends).error();
  return OpenLog{std::move(*database), std::move(*ends)};
}

Result<OpenLog> open_for_reading(const std::string& directory) {
  const std::string path = log_directory(directory);
  std::error_code ec;
  if (!fs::exists(path + "/CURRENT", ec)) {
    return error(ErrorCode::NotFound, "there is no log in " + directory);
  }
  EmbeddedLogOptions defaults;
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(log_options(defaults, {}), path, &opened);
  if (!status.ok()) return error_of(status, "opening the log in " + path + " for reading");
  Database database(opened);
  auto count = stored_partition_count(*database);
  if (!count) return std::move(count).error();
  if (!*count) return error(ErrorCode::NotFound, "there is no log in " + directory);
  auto ends = read_ends(*database, **count, false);
  if (!ends) return std::move(ends).error();
  return OpenLog{std::move(database), std::move(*ends)};
}

}  // namespace orderlog::log::rocks
