#include "events/log/backup_seal.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "events/base/hash.h"
#include "events/log/rocks_format.h"

namespace orderlog::log {
namespace {

namespace fs = std::filesystem;

std::string description_of(const std::string& directory, std::uint32_t id) {
  return directory + "/meta/" + std::to_string(id);
}
std::string seals_of(const std::string& directory) { return directory + "/sealed"; }
std::string seal_of(const std::string& directory, std::uint32_t id) {
  return seals_of(directory) + "/" + std::to_string(id);
}
std::string name_of(const std::string& directory, std::uint32_t id) {
  return "backup " + std::to_string(id) + " in " + directory;
}

std::uint32_t greatest_name(const std::string& directory) {
  std::uint32_t greatest = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none)) {
    const std::string name = entry.path().filename();
    std::uint32_t id = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), id);
    if (read.ec == std::errc() && read.ptr == name.data() + name.size())
      greatest = std::max(greatest, id);
  }
  return greatest;
}

}  // namespace

Status seal_backup(const std::string& backup_directory, std::uint32_t id) {
  auto* env = rocksdb::Env::Default();
  const std::string seal = seal_of(backup_directory, id);
  const std::string next = seal + ".new";
  std::string description;
  auto status = env->CreateDirIfMissing(seals_of(backup_directory));
  if (status.ok())
    status = rocksdb::ReadFileToString(env, description_of(backup_directory, id), &description);
  if (status.ok()) {
    status = rocksdb::WriteStringToFile(env, to_hex(sha256(description)) + "\n", next,
                                        /*should_sync=*/true);
  }
  if (status.ok()) status = env->RenameFile(next, seal);
  for (const auto& entered : {seals_of(backup_directory), backup_directory}) {
    std::unique_ptr<rocksdb::Directory> directory;
    if (status.ok()) status = env->NewDirectory(entered, &directory);
    if (status.ok()) status = directory->Fsync();
  }
  if (status.ok()) return {};
  for (const auto& half_done : {next, seal}) (void)env->DeleteFile(half_done);
  return rocks::error_of(status, "sealing " + name_of(backup_directory, id));
}

Status check_seal(const std::string& backup_directory, std::uint32_t id) {
  auto* env = rocksdb::Env::Default();
  const std::string name = name_of(backup_directory, id);
  std::string seal;
  std::string description;
  const bool sealed = env->FileExists(seal_of(backup_directory, id)).ok();
  const bool described = env->FileExists(description_of(backup_directory, id)).ok();
  if (!sealed && !described)
    return error(ErrorCode::NotFound,
                 "there is no backup " + std::to_string(id) + " in " + backup_directory);
  if (!sealed) return error(ErrorCode::Corrupt, name + " was not finished, or its seal is lost");
  if (!described)
    return error(ErrorCode::Corrupt, name + " is damaged: meta/" + std::to_string(id) + " is lost");
  auto status = rocksdb::ReadFileToString(env, seal_of(backup_directory, id), &seal);
  if (status.ok())
    status = rocksdb::ReadFileToString(env, description_of(backup_directory, id), &description);
  if (!status.ok()) return rocks::error_of(status, "reading " + name);
  if (seal != to_hex(sha256(description)) + "\n") {
    return error(ErrorCode::Corrupt,
                 name + " is damaged: meta/" + std::to_string(id) + " is not as it was sealed");
  }
  return {};
}

std::uint32_t newest_backup(const std::string& backup_directory) {
  return std::max(greatest_name(backup_directory + "/meta"),
                  greatest_name(seals_of(backup_directory)));
}

}  // namespace orderlog::log
