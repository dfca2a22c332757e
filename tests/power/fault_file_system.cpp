#include "tests/power/fault_file_system.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "events/base/ensure.h"

namespace orderlog::power {

using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

constexpr std::size_t page_bytes = 4'096;
constexpr std::size_t sector_bytes = 512;
constexpr std::uint64_t disk_bytes = 1ULL << 30;
// So that a log that cannot be opened ends a test and does not hang it.
constexpr std::chrono::seconds held_at_most(5);

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string plain(const std::string& path) {
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

bool needs_room(Op op) { return op == Op::Create || op == Op::Append || op == Op::Name; }

bool can_hit(FaultKind kind, Op op) {
  switch (kind) {
    case FaultKind::Io:
      return op != Op::Sync;
    case FaultKind::DiskFull:
      return needs_room(op);
    case FaultKind::ShortWrite:
      return op == Op::Append;
    case FaultKind::FailedSync:
      return op == Op::Sync;
  }
  return false;
}

IOStatus missing(const std::string& path) { return IOStatus::PathNotFound(path); }
IOStatus off() { return IOStatus::IOError("the power is off"); }

struct Lock final : rocksdb::FileLock {
  explicit Lock(std::string locked) : path(std::move(locked)) {}
  std::string path;
};

}  // namespace

FileClass class_of(const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  if (name.ends_with(".log")) return FileClass::Wal;
  if (name.ends_with(".sst")) return FileClass::Sst;
  if (name.starts_with("MANIFEST-")) return FileClass::Manifest;
  if (name == "CURRENT" || name.ends_with(".dbtmp")) return FileClass::Current;
  return FileClass::Other;
}

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

// ---- what the test does -------------------------------------------------------------------------

FaultFileSystem::FaultFileSystem(std::uint64_t seed) : random_(seed) {
  auto root = std::make_shared<Inode>();
  root->directory = true;
  names_["/"] = synced_names_["/"] = std::move(root);
}

std::uint64_t FaultFileSystem::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

Targets FaultFileSystem::targets() const {
  const std::lock_guard lock(mutex_);
  return targets_;
}

void FaultFileSystem::cut_before(std::uint64_t operation) {
  const std::lock_guard lock(mutex_);
  cut_before_ = operation;
}

void FaultFileSystem::cut_now() {
  const std::lock_guard lock(mutex_);
  if (!off_) cut();
}

bool FaultFileSystem::power_is_off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

void FaultFileSystem::inject(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  fault_in_ = fault.at;
  armed_ = true;
  hit_ = false;
}

bool FaultFileSystem::fault_was_hit() const {
  const std::lock_guard lock(mutex_);
  return hit_;
}

void FaultFileSystem::heal() {
  const std::lock_guard lock(mutex_);
  armed_ = false;
}

void FaultFileSystem::lie(const Lies& lies) {
  const std::lock_guard lock(mutex_);
  lies_ = lies;
}

void FaultFileSystem::hold_spare(const std::string& path) {
  const std::lock_guard lock(mutex_);
  spare_ = path;
  spare_held_ = true;
  spare_wanted_ = false;
}

void FaultFileSystem::let_spare_be_made() {
  std::unique_lock lock(mutex_);
  if (!spare_held_) return;
  spare_held_ = false;
  spare_changed_.notify_all();
  spare_changed_.wait(lock, [this] { return !spare_wanted_ || off_ || hit_; });
  spare_held_ = true;
}

void FaultFileSystem::stop_holding() {
  const std::lock_guard lock(mutex_);
  spare_held_ = false;
  spare_changed_.notify_all();
}

// ---- the rules ----------------------------------------------------------------------------------

// Counts the operation and says whether it may go on. The lock is held.
FaultFileSystem::Verdict FaultFileSystem::admit(FileClass file_class, Op op) {
  if (off_) return {off()};
  if (++operations_ == cut_before_) {
    cut();
    return {off()};
  }
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (can_hit(static_cast<FaultKind>(kind), op)) {
      ++targets_[static_cast<std::size_t>(file_class)][kind];
    }
  }
  if (!armed_) return {IOStatus::OK()};
  const bool still_full = hit_ && fault_.kind == FaultKind::DiskFull && needs_room(op);
  if (still_full) return {IOStatus::NoSpace("No space left on device")};
  if (hit_ || fault_.file_class != file_class || !can_hit(fault_.kind, op) || --fault_in_ > 0) {
    return {IOStatus::OK()};
  }
  hit_ = true;
  spare_changed_.notify_all();
  switch (fault_.kind) {
    case FaultKind::Io:
      return {IOStatus::IOError("Input/output error")};
    case FaultKind::DiskFull:
      return {IOStatus::NoSpace("No space left on device"), true};
    case FaultKind::ShortWrite:
    case FaultKind::FailedSync:
      break;
  }
  return {IOStatus::IOError("Input/output error"), true};
}

std::shared_ptr<Inode> FaultFileSystem::find(const std::string& path) const {
  const auto found = names_.find(plain(path));
  return found == names_.end() ? nullptr : found->second;
}

void FaultFileSystem::apply(const Change& change, Names& names) {
  if (change.file) {
    names[change.to] = change.file;
    return;
  }
  const auto found = names.find(change.from);
  if (found == names.end()) return;  // its making was not kept
  if (!change.to.empty()) names[change.to] = found->second;
  names.erase(change.from);
}

void FaultFileSystem::change(Change change) {
  apply(change, names_);
  changes_.push_back(std::move(change));
}

void FaultFileSystem::write(Inode& file, const char* bytes, std::size_t size) {
  const std::size_t begin = file.written_end;
  const std::size_t end = begin + size;
  if (file.data.size() < end) file.data.resize(end, '\0');
  std::memcpy(file.data.data() + begin, bytes, size);
  for (std::size_t page = begin / page_bytes; page * page_bytes < end; ++page) {
    file.dirty.insert(page);
  }
  file.written_end = end;
}

IOStatus FaultFileSystem::append(Inode& file, const std::string& path, const Slice& bytes) {
  const Verdict verdict = admit(class_of(path), Op::Append);
  if (verdict.status.ok()) {
    write(file, bytes.data(), bytes.size());
  } else if (verdict.half_done && !bytes.empty()) {
    write(file, bytes.data(), below(bytes.size()));
  }
  return verdict.status;
}

IOStatus FaultFileSystem::truncate(Inode& file, const std::string& path, std::size_t size) {
  const Verdict verdict = admit(class_of(path), Op::Truncate);
  if (!verdict.status.ok()) return verdict.status;
  file.data.resize(size, '\0');
  file.written_end = size;
  return IOStatus::OK();
}

IOStatus FaultFileSystem::sync(Inode& file, const std::string& path) {
  const FileClass file_class = class_of(path);
  const Verdict verdict = admit(file_class, Op::Sync);
  if (!verdict.status.ok() && !verdict.half_done) return verdict.status;
  if (lies_.wal_syncs && file_class == FileClass::Wal) return verdict.status;
  if (lies_.sst_syncs && file_class == FileClass::Sst) return verdict.status;
  file.synced.resize(file.data.size(), '\0');
  for (const std::size_t page : file.dirty) {
    if (!verdict.status.ok() && below(2) == 0) continue;
    const std::size_t begin = page * page_bytes;
    if (begin >= file.data.size()) continue;
    const std::size_t size = std::min(page_bytes, file.data.size() - begin);
    std::memcpy(file.synced.data() + begin, file.data.data() + begin, size);
  }
  file.dirty.clear();
  if (verdict.status.ok()) file.synced_end = file.written_end;
  return verdict.status;
}

IOStatus FaultFileSystem::sync_directory(const std::string& path) {
  const Verdict verdict = admit(FileClass::Directory, Op::Sync);
  if (!verdict.status.ok() || lies_.directory_syncs) return verdict.status;
  std::erase_if(changes_, [&](const Change& change) {
    if (change.directory != path) return false;
    apply(change, synced_names_);
    return true;
  });
  return IOStatus::OK();
}

// The file as it may be found after a power cut.
std::shared_ptr<Inode> FaultFileSystem::survivor(const Inode& file) {
  auto left = std::make_shared<Inode>();
  left->directory = file.directory;
  left->data = file.synced;
  const std::uint64_t mood = below(4);  // nothing, everything, or a mixture
  const std::size_t least = std::min(file.synced.size(), file.data.size());
  const std::size_t most = std::max(file.synced.size(), file.data.size());
  if (mood == 1) {
    left->data = file.data;
  } else if (mood > 1) {
    left->data.resize(below(3) == 0 ? most : least + below(most - least + 1), '\0');
    for (const std::size_t page : file.dirty) {
      const std::uint64_t fate = below(3);  // dropped, kept, torn
      if (fate == 0) continue;
      for (std::size_t at = page * page_bytes; at < (page + 1) * page_bytes; at += sector_bytes) {
        const std::size_t end = std::min({at + sector_bytes, file.data.size(), left->data.size()});
        if (at >= end) break;
        const std::uint64_t sector = fate == 1 ? 1 : below(3);  // old, new, garbage
        if (sector == 1) std::memcpy(left->data.data() + at, file.data.data() + at, end - at);
        if (sector == 2 && at >= file.synced_end) {
          for (std::size_t i = at; i < end; ++i) left->data[i] = static_cast<char>(random_());
        }
      }
    }
  }
  left->synced = left->data;
  left->written_end = left->synced_end = left->data.size();
  return left;
}

// Decides what is left; nothing works any more. The lock is held.
void FaultFileSystem::cut() {
  off_ = true;
  cut_before_ = 0;
  const std::uint64_t mood = below(4);  // none, all, the first few, any
  const std::size_t first = mood == 0   ? 0
                            : mood == 1 ? changes_.size()
                                        : below(changes_.size() + 1);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (mood == 3 ? below(2) == 0 : i < first) apply(changes_[i], synced_names_);
  }
  changes_.clear();
  std::map<const Inode*, std::shared_ptr<Inode>> left;
  Names names;
  for (const auto& [path, file] : synced_names_) {
    if (!names.contains(directory_of(path)) && path != "/") continue;  // what is in it is lost, too
    auto& kept = left[file.get()];
    if (!kept) kept = survivor(*file);
    names[path] = kept;
  }
  names_ = names;
  synced_names_ = std::move(names);
  spare_changed_.notify_all();
}

void FaultFileSystem::restart() {
  const std::lock_guard lock(mutex_);
  ORDERLOG_ENSURE(off_, "a restart without a power cut");
  off_ = false;
  locks_.clear();
}

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

IOStatus FaultFileSystem::NewSequentialFile(const std::string& path, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                            Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(path);
  if (!found) return missing(path);
  *file = std::make_unique<ReadableFile>(*this, found);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                              std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                              Debug*) {
  const std::lock_guard lock(mutex_);
  if (off_) return off();
  const auto found = find(path);
  if (!found) return missing(path);
  *file = std::make_unique<ReadableFile>(*this, found);
  return IOStatus::OK();
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
