// Backups by RocksDB's BackupEngine, made safe against two of its habits: the write-ahead log is
// synced first (a copy could hold one that was not), and each backup is read back.
#include "events/log/backup.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>
#include <memory>
#include <optional>

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

Result<std::unique_ptr<rocksdb::BackupEngine>> open_existing(const std::string& directory) {
  std::error_code ec;
  if (!fs::is_directory(directory + "/meta", ec)) {
    return error(ErrorCode::NotFound, "there are no backups in " + directory);
  }
  return open_engine(directory);
}

// The backup of that id, 0 for the latest.
Result<std::uint32_t> find_backup(rocksdb::BackupEngine& engine, std::uint32_t id,
                                  const std::string& directory) {
  std::vector<rocksdb::BackupInfo> all;
  engine.GetBackupInfo(&all);
  std::vector<rocksdb::BackupID> corrupt;
  engine.GetCorruptedBackups(&corrupt);
  for (const auto bad : corrupt) {
    if (id == bad || (id == 0 && all.empty())) {
      return error(ErrorCode::Corrupt,
                   "backup " + std::to_string(bad) + " in " + directory + " is damaged");
    }
  }
  if (all.empty()) return error(ErrorCode::NotFound, "there are no backups in " + directory);
  if (id == 0) return all.back().backup_id;
  for (const auto& info : all) {
    if (info.backup_id == id) return id;
  }
  return error(ErrorCode::NotFound,
               "there is no backup " + std::to_string(id) + " in " + directory);
}

Status verify(rocksdb::BackupEngine& engine, std::uint32_t id, const std::string& directory) {
  const auto status = engine.VerifyBackup(id, /*verify_with_checksum=*/true);
  if (!status.ok()) {
    return rocks::error_of(status, "verifying backup " + std::to_string(id) + " in " + directory);
  }
  return {};
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
  auto engine = open_existing(backup_directory);
  if (!engine) return std::move(engine).error();
  std::vector<rocksdb::BackupInfo> found;
  (*engine)->GetBackupInfo(&found);
  std::vector<BackupInfo> all;
  for (const auto& info : found) all.push_back(info_of(info));
  return all;
}

Status verify_backup(const std::string& backup_directory, std::uint32_t id) {
  auto engine = open_existing(backup_directory);
  if (!engine) return std::move(engine).error();
  auto found = find_backup(**engine, id, backup_directory);
  if (!found) return std::move(found).error();
  return verify(**engine, *found, backup_directory);
}

Status restore_backup(const std::string& backup_directory, const std::string& database_directory,
                      std::uint32_t id) {
  if (auto free = check_target(database_directory); !free) return free;
  auto engine = open_existing(backup_directory);
  if (!engine) return std::move(engine).error();
  auto found = find_backup(**engine, id, backup_directory);
  if (!found) return std::move(found).error();
  if (auto verified = verify(**engine, *found, backup_directory); !verified) return verified;
  std::error_code ec;
  fs::create_directories(database_directory, ec);
  if (ec) return error(ErrorCode::Io, "cannot make " + database_directory + ": " + ec.message());
  const auto status =
      (*engine)->RestoreDBFromBackup(*found, database_directory, database_directory);
  if (!status.ok()) return rocks::error_of(status, "restoring to " + database_directory);
  return {};
}

}  // namespace orderlog::log
