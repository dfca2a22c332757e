#include "events/log/prepared_wal.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace orderlog::log {
namespace {

constexpr std::size_t chunk_bytes = 1024 * 1024;
constexpr const char* spare_name = "/prepared-wal";
// On a disk without room for so many files of its size, a spare one would take what others need.
constexpr std::uint64_t free_files_min = 4;

bool is_wal(const std::string& path) { return path.ends_with(".log"); }

bool has_room(rocksdb::FileSystem& files, const std::string& directory, std::uint64_t file_bytes) {
  std::uint64_t free_bytes = 0;
  return files.GetFreeSpace(directory, {}, &free_bytes, nullptr).ok() &&
         free_bytes / free_files_min >= file_bytes;
}

// Between two chunks the disk is free for what somebody waits for.
bool write_zeros(rocksdb::FSWritableFile& file, std::uint64_t bytes) {
  const std::vector<char> zeros(chunk_bytes, '\0');
  while (bytes > 0) {
    const auto next = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, chunk_bytes));
    if (!file.Append({zeros.data(), next}, {}, nullptr).ok() || !file.Sync({}, nullptr).ok()) {
      return false;
    }
    bytes -= next;
  }
  return file.Fsync({}, nullptr).ok();
}

}  // namespace

PreparedWal::PreparedWal(const std::shared_ptr<rocksdb::FileSystem>& target, std::string directory,
                         std::uint64_t file_bytes)
    : FileSystemWrapper(target),
      directory_(std::move(directory)),
      spare_(directory_ + spare_name),
      file_bytes_(file_bytes) {
  // One that was left by a crash may be half done.
  ready_ = prepare();
  thread_ = std::thread([this] { run(); });
}

PreparedWal::~PreparedWal() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
  (void)target()->DeleteFile(spare_, {}, nullptr);
}

bool PreparedWal::prepare() const {
  (void)target()->DeleteFile(spare_, {}, nullptr);
  if (!has_room(*target(), directory_, file_bytes_)) return false;
  rocksdb::FileOptions plain;
  plain.use_mmap_writes = false;
  plain.allow_fallocate = false;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (!target()->NewWritableFile(spare_, plain, &file, nullptr).ok()) return false;
  const bool done = write_zeros(*file, file_bytes_);
  (void)file->Close({}, nullptr);
  // A full disk needs its room for other things.
  if (!done) (void)target()->DeleteFile(spare_, {}, nullptr);
  return done;
}

void PreparedWal::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || (wanted_ && !ready_); });
    if (closing_) return;
    wanted_ = false;
    lock.unlock();
    const bool done = prepare();
    lock.lock();
    ready_ = done;
  }
}

rocksdb::IOStatus PreparedWal::NewWritableFile(const std::string& path,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSWritableFile>* file,
                                               rocksdb::IODebugContext* debug) {
  if (!is_wal(path)) return target()->NewWritableFile(path, options, file, debug);
  rocksdb::IOStatus status = rocksdb::IOStatus::NotFound();
  {
    // Until it has its new name nobody begins another spare file, and while one is begun none is
    // ready: a file that is written is never one that is still being filled.
    const std::lock_guard lock(mutex_);
    if (std::exchange(ready_, false)) {
      status = target()->ReuseWritableFile(path, spare_, options, file, debug);
    }
  }
  if (!status.ok()) status = target()->NewWritableFile(path, options, file, debug);
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_one();
  return status;
}

}  // namespace orderlog::log
