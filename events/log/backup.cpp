// Backups by RocksDB's BackupEngine, made safe against three of its habits: the write-ahead log is
// synced first (a copy could hold one that was not), each backup is read back, and is sealed when
// it was (else one that was not, or whose description has changed, would pass for whole).
#include "events/log/backup.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>
#include <memory>

#include "events/log/backup_seal.h"
#include "events/log/rocks_format.h"
#include "events/log/rocks_safety.h"

namespace orderlog::log {
namespace {

namespace fs = std::filesystem;

BackupInfo info_of(const rocksdb::BackupInfo& info) {
  return {info.backup_id, info.timestamp, info.size, info.number_files};
}

Result<std::unique_ptr<rocksdb::BackupEngine>> open_engine(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  rocksdb::BackupEngine* engine = nullptr;
  const auto status = rocksdb::BackupEngine::Open(rocksdb::Env::Default(), options, &engine);
  if (!status.ok()) return rocks::error_of(status, "opening the backups in " + directory);
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

// The backup of that id, 0 for the newest. When the newest one is damaged that is the answer: an
// older one in its place would lose, without a word, what came since.
Result<std::uint32_t> find_backup(const std::string& directory, std::uint32_t id) {
  if (id == 0) id = newest_backup(directory);
  if (id == 0) return error(ErrorCode::NotFound, "there are no backups in " + directory);
  if (auto sealed = check_seal(directory, id); !sealed) return sealed.error();
  return id;
}

Status verify(rocksdb::BackupEngine& engine, std::uint32_t id, const std::string& directory) {
  const std::string name = "backup " + std::to_string(id) + " in " + directory;
  const auto status = engine.VerifyBackup(id, /*verify_with_checksum=*/true);
  if (status.ok()) return {};
  // It is there, so that a file which is not is damage too.
  if (status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound())
    return error(ErrorCode::Corrupt, name + " is damaged: " + status.ToString());
  return rocks::error_of(status, "verifying " + name);
}

// Whether restoring there would destroy something.
Status check_target(const std::string& directory) {
  std::error_code ec;
  if (!fs::exists(directory, ec)) return {};
  if (!fs::is_directory(directory, ec) || !fs::is_empty(directory, ec)) {
    return error(ErrorCode::Conflict, directory + " is not empty; nothing was restored");
  }
  return {};
}

// Beside the place where it shall be, so that half a database is never taken for one.
Status write_database(rocksdb::BackupEngine& engine, std::uint32_t id,
                      const std::string& directory) {
  const std::string beside = directory + ".restoring";
  const auto failed = [&](const Error& why) {
    std::error_code ignored;
    fs::remove_all(beside, ignored);
    return why;
  };
  const auto cannot = [&](const std::error_code& why) {
    return failed(error(ErrorCode::Io, "restoring to " + directory + ": " + why.message()));
  };
  std::error_code ec;
  fs::remove_all(beside, ec);
  if (!ec) fs::create_directories(beside, ec);
  if (ec) return cannot(ec);
  rocksdb::Status status = engine.RestoreDBFromBackup(id, beside, beside);
  if (!status.ok()) return failed(rocks::error_of(status, "restoring to " + directory));
  fs::rename(beside, directory, ec);  // over an empty one, at most
  if (ec) return cannot(ec);
  std::unique_ptr<rocksdb::Directory> entered;
  status = rocksdb::Env::Default()->NewDirectory(fs::path(directory).parent_path(), &entered);
  if (status.ok()) status = entered->Fsync();
  if (!status.ok()) return rocks::error_of(status, "restoring to " + directory);
  return {};
}

// Not of a node's copy: it is derived, its end may be missing, and restored it would be nobody's.
Result<BackupInfo> create_own_backup(rocksdb::DB& database, const std::string& directory,
                                     const std::string& backup_directory) {
  auto identity = rocks::stored_identity(database);
  if (!identity) return identity.error();
  if (!*identity) return create_backup(database, backup_directory);
  return error(ErrorCode::Conflict, directory + " is a node's copy of " + **identity +
                                        "; the topic is the log, and its replicas are the copies");
}

}  // namespace

Result<BackupInfo> create_backup(rocksdb::DB& database, const std::string& backup_directory) {
  const std::string doing = "backing up to " + backup_directory;
  std::error_code ec;
  fs::create_directories(backup_directory, ec);
  if (ec) return error(ErrorCode::Io, doing + ": " + ec.message());
  if (const auto flushed = database.FlushWAL(true); !flushed.ok()) {
    return rocks::error_of(flushed, doing);
  }
  auto engine = open_engine(backup_directory);
  if (!engine) return std::move(engine).error();
  rocksdb::BackupID id = 0;
  const auto status = (*engine)->CreateNewBackup(rocksdb::CreateBackupOptions(), &database, &id);
  if (!status.ok()) {
    (void)(*engine)->GarbageCollect();
    return rocks::error_of(status, doing);
  }
  if (auto verified = verify(**engine, id, backup_directory); !verified) {
    (void)(*engine)->DeleteBackup(id);
    return std::move(verified).error();
  }
  if (auto sealed = seal_backup(backup_directory, id); !sealed) {
    (void)(*engine)->DeleteBackup(id);
    return std::move(sealed).error();
  }
  rocksdb::BackupInfo info;
  if (const auto found = (*engine)->GetBackupInfo(id, &info); !found.ok()) {
    return rocks::error_of(found, doing);
  }
  return info_of(info);
}

Result<BackupInfo> create_backup(const std::string& database_directory,
                                 const std::string& backup_directory) {
  std::error_code ec;
  if (!fs::exists(database_directory + "/CURRENT", ec)) {
    return error(ErrorCode::NotFound, "there is no database in " + database_directory);
  }
  // Opened for writing, which takes the lock: what another process has open may change below us.
  rocksdb::Options options;
  harden(options, {});
  options.avoid_flush_during_recovery = true;
  std::vector<std::string> families;
  auto status = rocksdb::DB::ListColumnFamilies(options, database_directory, &families);
  if (!status.ok()) return rocks::error_of(status, "opening " + database_directory);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : families) descriptors.emplace_back(family, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::Open(options, database_directory, descriptors, &handles, &opened);
  if (!status.ok()) return rocks::error_of(status, "opening " + database_directory);
  const std::unique_ptr<rocksdb::DB> database(opened);
  auto backup = create_own_backup(*database, database_directory, backup_directory);
  for (auto* handle : handles) (void)database->DestroyColumnFamilyHandle(handle);
  return backup;
}

Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory) {
  if (newest_backup(backup_directory) == 0)
    return error(ErrorCode::NotFound, "there are no backups in " + backup_directory);
  auto engine = open_engine(backup_directory);
  if (!engine) return std::move(engine).error();
  std::vector<rocksdb::BackupInfo> found;
  (*engine)->GetBackupInfo(&found);
  std::vector<BackupInfo> all;
  for (const auto& info : found) {
    if (check_seal(backup_directory, info.backup_id)) all.push_back(info_of(info));
  }
  return all;
}

Status verify_backup(const std::string& backup_directory, std::uint32_t id) {
  auto found = find_backup(backup_directory, id);
  if (!found) return std::move(found).error();
  auto engine = open_engine(backup_directory);
  if (!engine) return std::move(engine).error();
  return verify(**engine, *found, backup_directory);
}

Result<std::uint32_t> restore_backup(const std::string& backup_directory,
                                     const std::string& database_directory, std::uint32_t id) {
  if (auto free = check_target(database_directory); !free) return free.error();
  auto found = find_backup(backup_directory, id);
  if (!found) return found;
  auto engine = open_engine(backup_directory);
  if (!engine) return std::move(engine).error();
  if (auto verified = verify(**engine, *found, backup_directory); !verified)
    return verified.error();
  if (auto written = write_database(**engine, *found, database_directory); !written)
    return written.error();
  return found;
}

}  // namespace orderlog::log
