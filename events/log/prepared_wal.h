// Write-ahead log files whose blocks are written with zeros before RocksDB fills them. A sync of a
// file that grows has to commit its new size and blocks to the file system's journal as well; in a
// file that has them already it writes the data alone, which takes about half the time. RocksDB's
// own way to the same end (recycle_log_file_num) does not go with point-in-time recovery.
// Must hold: 1. a file is only handed out when all of it is zeros and durable, so that recovery
// finds nothing behind what was logged; 2. when none is ready, the log goes on with an ordinary
// one;
// 3. it never takes the last room of a disk.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace orderlog::log {

// Any thread. Prepares one file ahead, on a thread of its own.
class PreparedWal final : public rocksdb::FileSystemWrapper {
 public:
  // `directory`: the database's; `file_bytes`: what a file is prepared for, it may grow beyond.
  PreparedWal(const std::shared_ptr<rocksdb::FileSystem>& target, std::string directory,
              std::uint64_t file_bytes);
  ~PreparedWal() override;

  const char* Name() const override { return "PreparedWal"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;

 private:
  void run();
  bool prepare() const;

  const std::string directory_;
  const std::string spare_;
  const std::uint64_t file_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool ready_ = false;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace orderlog::log
