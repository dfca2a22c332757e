// RocksDB's half: its files, and what it asks of a file system.
#include "tests/power/fault_file_system.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace orderlog::power {

using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

constexpr std::uint64_t disk_bytes = 1ULL << 30;
// So that a log that cannot be opened ends a test and does not hang it.
constexpr std::chrono::seconds held_at_most(5);

IOStatus missing(const std::string& path) { return IOStatus::PathNotFound(path); }

struct Lock final : rocksdb::FileLock {
  explicit Lock(std::string locked) : path(std::move(locked)) {}
  std::string path;
};

}  // namespace

// ---- files as RocksDB holds them ----------------------------------------------------------------

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(FaultFileSystem& files, std::string path, std::shared_ptr<Inode> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  ~WritableFile() override { files_.close(path_); }

  using FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const rocksdb::IOOptions&,
                  rocksdb::IODebugContext*) override {
    const std::lock_guard lock(files_.mutex_);
    return files_.append(*file_, path_, bytes);
  }
  IOStatus Truncate(std::uint64_t size, const rocksdb::IOOptions&,
                    rocksdb::IODebugContext*) override {
    const std::lock_guard lock(files_.mutex_);
    return files_.truncate(*file_, path_, size);
  }
  IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    files_.close(path_);
    return IOStatus::OK();
  }
  IOStatus Flush(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    const std::lock_guard lock(files_.mutex_);
    return files_.sync(*file_, path_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    const std::lock_guard lock(files_.mutex_);
    return file_->written_end;
  }

 private:
  FaultFileSystem& files_;
  const std::string path_;
  const std::shared_ptr<Inode> file_;
};

class ReadableFile final : public rocksdb::FSSequentialFile, public rocksdb::FSRandomAccessFile {
 public:
  ReadableFile(FaultFileSystem& files, std::shared_ptr<Inode> file)
      : files_(files), file_(std::move(file)) {}

  IOStatus Read(std::size_t n, const rocksdb::IOOptions& options, Slice* result, char* scratch,
                rocksdb::IODebugContext* debug) override {
    const auto status = Read(at_, n, options, result, scratch, debug);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }
  IOStatus Read(std::uint64_t offset, std::size_t n, const rocksdb::IOOptions&, Slice* result,
                char* scratch, rocksdb::IODebugContext*) const override {
    const std::lock_guard lock(files_.mutex_);
    *result = Slice();
    if (files_.off_) return off();
    if (offset >= file_->data.size()) return IOStatus::OK();
    const std::size_t size = std::min<std::size_t>(n, file_->data.size() - offset);
    std::memcpy(scratch, file_->data.data() + offset, size);
    *result = Slice(scratch, size);
    return IOStatus::OK();
  }
  bool use_direct_io() const override { return false; }
  std::size_t GetRequiredBufferAlignment() const override { return page_bytes; }
  IOStatus InvalidateCache(std::size_t, std::size_t) override { return IOStatus::OK(); }
  rocksdb::Temperature GetTemperature() const override { return rocksdb::Temperature::kUnknown; }

 private:
  FaultFileSystem& files_;
  const std::shared_ptr<Inode> file_;
  std::uint64_t at_ = 0;
};

class DirectoryHandle final : public rocksdb::FSDirectory {
 public:
  DirectoryHandle(FaultFileSystem& files, std::string path)
      : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    const std::lock_guard lock(files_.mutex_);
    return files_.sync_directory(path_);
  }
  IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem& files_;
  const std::string path_;
};

// ---- what RocksDB does --------------------------------------------------------------------------

IOStatus FaultFileSystem::create(const std::string& path, std::shared_ptr<Inode>* file) {
  const Verdict verdict = admit(class_of(path), Op::Create);
  if (!verdict.status.ok()) {
    if (path == spare_) spare_wanted_ = false;
    spare_changed_.notify_all();
    return verdict.status;
  }
  if (!find(directory_of(path))) return missing(directory_of(path));
  *file = std::make_shared<Inode>();
  change({directory_of(path), {}, path, *file});
  if (class_of(path) == FileClass::Wal && directory_of(path) == directory_of(spare_)) {
    spare_wanted_ = true;
  }
  return IOStatus::OK();
}

void FaultFileSystem::close(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (path != spare_) return;
  spare_wanted_ = false;
  spare_changed_.notify_all();
}

template <typename File>
IOStatus FaultFileSystem::open_to_read(const std::string& path, std::unique_ptr<File>* file) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(path);
  if (!found) return missing(path);
  *file = std::make_unique<ReadableFile>(*this, found);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::NewSequentialFile(const std::string& path, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                            Debug*) {
  return open_to_read(path, file);
}

IOStatus FaultFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                              std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                              Debug*) {
  return open_to_read(path, file);
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const FileOptions&,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file, Debug*) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Inode> made;
  if (auto status = create(path, &made); !status.ok()) return status;
  *file = std::make_unique<WritableFile>(*this, path, std::move(made));
  return IOStatus::OK();
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             Debug* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (off_) return off();
    if (auto found = find(path)) {
      found->written_end = found->data.size();
      *file = std::make_unique<WritableFile>(*this, path, std::move(found));
      return IOStatus::OK();
    }
  }
  return NewWritableFile(path, options, file, debug);
}

// As on POSIX: renamed, and written from the start over what is there.
IOStatus FaultFileSystem::ReuseWritableFile(const std::string& path, const std::string& old_path,
                                            const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* file,
                                            Debug* debug) {
  if (auto status = RenameFile(old_path, path, options.io_options, debug); !status.ok()) {
    return status;
  }
  const std::lock_guard lock(mutex_);
  const auto found = find(path);
  if (!found) return off();
  found->written_end = found->synced_end = 0;
  if (directory_of(path) == directory_of(spare_)) spare_wanted_ = true;
  *file = std::make_unique<WritableFile>(*this, path, found);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions&,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  if (!find(path)) return missing(path);
  *directory = std::make_unique<DirectoryHandle>(*this, plain(path));
  return IOStatus::OK();
}

IOStatus FaultFileSystem::FileExists(const std::string& path, const IOOptions&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  return find(path) ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus FaultFileSystem::GetChildren(const std::string& directory, const IOOptions&,
                                      std::vector<std::string>* children, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  if (!find(directory)) return missing(directory);
  children->clear();
  for (const auto& [path, file] : names_) {
    if (path != "/" && directory_of(path) == plain(directory)) {
      children->push_back(path.substr(path.find_last_of('/') + 1));
    }
  }
  return IOStatus::OK();
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions&, Debug*) {
  std::unique_lock lock(mutex_);
  if (path == spare_) {
    spare_changed_.wait_for(lock, held_at_most,
                            [this] { return !spare_held_ || !spare_wanted_ || off_ || hit_; });
  }
  if (off_) return off();
  if (!find(path)) return missing(path);
  const Verdict verdict = admit(FileClass::Directory, Op::Name);
  if (verdict.status.ok()) change({directory_of(path), path, {}, nullptr});
  return verdict.status;
}

IOStatus FaultFileSystem::make_directory(const std::string& path) {
  if (!find(directory_of(path))) return missing(directory_of(path));
  const Verdict verdict = admit(FileClass::Directory, Op::Name);
  if (!verdict.status.ok()) return verdict.status;
  auto made = std::make_shared<Inode>();
  made->directory = true;
  change({directory_of(path), {}, path, std::move(made)});
  return IOStatus::OK();
}

IOStatus FaultFileSystem::CreateDir(const std::string& path, const IOOptions&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (find(path)) return IOStatus::IOError(path + ": File exists");
  return make_directory(plain(path));
}

IOStatus FaultFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  return find(path) ? IOStatus::OK() : make_directory(plain(path));
}

IOStatus FaultFileSystem::DeleteDir(const std::string&, const IOOptions&, Debug*) {
  return IOStatus::NotSupported("DeleteDir");
}

IOStatus FaultFileSystem::GetFileSize(const std::string& path, const IOOptions&,
                                      std::uint64_t* size, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(path);
  if (!found) return missing(path);
  *size = found->data.size();
  return IOStatus::OK();
}

IOStatus FaultFileSystem::GetFileModificationTime(const std::string&, const IOOptions&,
                                                  std::uint64_t* time, Debug*) {
  *time = 0;
  return IOStatus::OK();
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  if (!find(from)) return missing(from);
  const bool current = class_of(to) == FileClass::Current;
  const Verdict verdict = admit(current ? FileClass::Current : FileClass::Directory, Op::Name);
  if (verdict.status.ok()) change({directory_of(to), from, to, nullptr});
  return verdict.status;
}

IOStatus FaultFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                                   Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(from);
  if (!found) return missing(from);
  const Verdict verdict = admit(FileClass::Directory, Op::Name);
  if (verdict.status.ok()) change({directory_of(to), {}, to, found});
  return verdict.status;
}

IOStatus FaultFileSystem::LockFile(const std::string& path, const IOOptions&,
                                   rocksdb::FileLock** lock, Debug*) {
  const std::lock_guard guard(mutex_);
  if (off_) return off();
  if (!locks_.insert(path).second) return IOStatus::IOError("While lock file: " + path);
  *lock = new Lock(path);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, Debug*) {
  const std::lock_guard guard(mutex_);
  const std::unique_ptr<Lock> mine(static_cast<Lock*>(lock));
  locks_.erase(mine->path);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::GetTestDirectory(const IOOptions&, std::string*, Debug*) {
  return IOStatus::NotSupported("GetTestDirectory");
}

IOStatus FaultFileSystem::GetAbsolutePath(const std::string& path, const IOOptions&,
                                          std::string* absolute, Debug*) {
  *absolute = path;
  return IOStatus::OK();
}

IOStatus FaultFileSystem::GetFreeSpace(const std::string&, const IOOptions&, std::uint64_t* bytes,
                                       Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const bool full = armed_ && hit_ && fault_.kind == FaultKind::DiskFull;
  *bytes = full ? 0 : disk_bytes;
  if (full) {
    spare_wanted_ = false;
    spare_changed_.notify_all();
  }
  return IOStatus::OK();
}

IOStatus FaultFileSystem::IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                                      Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(path);
  if (!found) return missing(path);
  *is_directory = found->directory;
  return IOStatus::OK();
}

}  // namespace orderlog::power
