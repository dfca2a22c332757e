// What says that a backup is finished and as it was made: BACKUPS/sealed/<id>, with the SHA-256 of
// the backup's description (BACKUPS/meta/<id>), which names all its files with their checksums and
// has none itself. Written when everything else was written and read back. Private to this room.
#pragma once

#include <cstdint>
#include <string>

#include "events/base/result.h"

namespace orderlog::log {

// Durable on return. Errors: DiskFull, Io.
Status seal_backup(const std::string& backup_directory, std::uint32_t id);

// Errors: NotFound, Corrupt (not finished, or not as it was made), Io.
Status check_seal(const std::string& backup_directory, std::uint32_t id);

// The greatest id that has a seal or a description, whatever became of the rest; 0: there is none.
std::uint32_t newest_backup(const std::string& backup_directory);

}  // namespace orderlog::log
