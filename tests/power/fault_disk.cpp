// The disk's half: what a test does to it, and the rules by which it fails and forgets.
#include <algorithm>
#include <cstring>

#include "events/base/ensure.h"
#include "tests/power/fault_file_system.h"

namespace orderlog::power {

using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

constexpr std::size_t sector_bytes = 512;

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

}  // namespace

FileClass class_of(const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  if (name.ends_with(".log")) return FileClass::Wal;
  if (name.ends_with(".sst")) return FileClass::Sst;
  if (name.starts_with("MANIFEST-")) return FileClass::Manifest;
  if (name == "CURRENT" || name.ends_with(".dbtmp")) return FileClass::Current;
  return FileClass::Other;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string plain(const std::string& path) {
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

IOStatus off() { return IOStatus::IOError("the power is off"); }

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

}  // namespace orderlog::power
