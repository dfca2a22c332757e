// A disk in memory that forgets at a power cut what was not synced, and fails when told to. In
// memory and not over a real directory, so that nothing but the rules below decides what survives,
// and a sync costs nothing. Must hold:
// 1. what a file's last successful sync covered survives;
// 2. of what was written since, each page of 4 KiB is kept, dropped, or torn: each sector of
//    512 bytes old, new, or, where nothing was ever synced, garbage. The length is anything from
//    the synced one to the last one;
// 3. names (of created, renamed, linked and deleted files, of directories) survive with the sync of
//    their directory; of the others all, none, the first few or any are kept;
// 4. a sync that was made to fail has lost some pages and takes all for written, as Linux does;
// 5. the same seed and the same operations give the same disk.
#pragma once

#include <rocksdb/file_system.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace orderlog::power {

enum class FileClass { Wal, Sst, Manifest, Current, Directory, Other };
constexpr std::size_t file_classes = 6;
FileClass class_of(const std::string& path);
std::string directory_of(const std::string& path);
// Without a slash at its end.
std::string plain(const std::string& path);
rocksdb::IOStatus off();  // what everything answers without power
constexpr std::size_t page_bytes = 4'096;

enum class Op { Create, Append, Truncate, Sync, Name };

enum class FaultKind {
  Io,          // EIO, nothing was done; anything but a sync of a file
  DiskFull,    // ENOSPC on whatever needs room, until heal()
  ShortWrite,  // some of an append was done, then EIO
  FailedSync,  // EIO, and pages are lost
};
constexpr std::size_t fault_kinds = 4;

// By file class and kind of fault.
using Targets = std::array<std::array<std::uint64_t, fault_kinds>, file_classes>;

struct Fault {
  FileClass file_class = FileClass::Wal;
  FaultKind kind = FaultKind::Io;
  std::uint64_t at = 1;  // hits the at-th operation of that class that this kind can hit
};

// A planted bug: syncs that do nothing and say that all is well.
struct Lies {
  bool wal_syncs = false;
  bool sst_syncs = false;
  bool directory_syncs = false;
};

struct Inode {
  std::string data;
  std::string synced;
  std::set<std::size_t> dirty;  // pages written since the last sync
  std::size_t written_end = 0;  // where the next append goes
  std::size_t synced_end = 0;   // and where it went at the last sync
  bool directory = false;
};

// Any thread. Counts every operation that changes the disk, from 1; reading is not counted.
class FaultFileSystem final : public rocksdb::FileSystem {
 public:
  explicit FaultFileSystem(std::uint64_t seed);

  // ---- what the test does ----------------------------------------------------------------------
  std::uint64_t operations() const;
  // How many operations so far each fault could have hit.
  Targets targets() const;
  // The power goes before this operation; it and all others fail from then on.
  void cut_before(std::uint64_t operation);
  void cut_now();
  bool power_is_off() const;
  // The power is back. Nobody has a file open.
  void restart();

  void inject(const Fault& fault);
  bool fault_was_hit() const;
  void heal();
  void lie(const Lies& lies);

  // The spare file is made by a thread of its own (prepared_wal.h); while held it waits, so that
  // the order of operations is the same each time.
  void hold_spare(const std::string& path);
  // Lets it go on until it has made what was wanted.
  void let_spare_be_made();
  void stop_holding();

  // ---- what RocksDB does -----------------------------------------------------------------------
  const char* Name() const override { return "FaultFileSystem"; }
  using IOStatus = rocksdb::IOStatus;
  using IOOptions = rocksdb::IOOptions;
  using FileOptions = rocksdb::FileOptions;
  using Debug = rocksdb::IODebugContext;
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             Debug* debug) override;
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               Debug* debug) override;
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              Debug* debug) override;
  IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                             const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, Debug* debug) override;
  IOStatus FileExists(const std::string& path, const IOOptions& options, Debug* debug) override;
  IOStatus GetChildren(const std::string& directory, const IOOptions& options,
                       std::vector<std::string>* children, Debug* debug) override;
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, Debug* debug) override;
  IOStatus CreateDir(const std::string& path, const IOOptions& options, Debug* debug) override;
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options,
                              Debug* debug) override;
  IOStatus DeleteDir(const std::string& path, const IOOptions& options, Debug* debug) override;
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* size,
                       Debug* debug) override;
  IOStatus GetFileModificationTime(const std::string& path, const IOOptions& options,
                                   std::uint64_t* time, Debug* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      Debug* debug) override;
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    Debug* debug) override;
  IOStatus LockFile(const std::string& path, const IOOptions& options, rocksdb::FileLock** lock,
                    Debug* debug) override;
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options, Debug* debug) override;
  IOStatus GetTestDirectory(const IOOptions& options, std::string* path, Debug* debug) override;
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions& options, std::string* absolute,
                           Debug* debug) override;
  IOStatus GetFreeSpace(const std::string& path, const IOOptions& options, std::uint64_t* bytes,
                        Debug* debug) override;
  IOStatus IsDirectory(const std::string& path, const IOOptions& options, bool* is_directory,
                       Debug* debug) override;

 private:
  friend class WritableFile;
  friend class ReadableFile;
  friend class DirectoryHandle;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  // A name that changed since its directory was synced. Without `file`: moved from `from`, or
  // deleted when `to` is empty.
  struct Change {
    std::string directory;
    std::string from;
    std::string to;
    std::shared_ptr<Inode> file;
  };
  struct Verdict {
    IOStatus status;
    bool half_done = false;  // with an error: a part of it was done
  };

  Verdict admit(FileClass file_class, Op op);
  std::shared_ptr<Inode> find(const std::string& path) const;
  void change(Change change);
  static void apply(const Change& change, Names& names);
  template <typename File>
  IOStatus open_to_read(const std::string& path, std::unique_ptr<File>* file);
  IOStatus create(const std::string& path, std::shared_ptr<Inode>* file);
  IOStatus append(Inode& file, const std::string& path, const rocksdb::Slice& bytes);
  IOStatus truncate(Inode& file, const std::string& path, std::size_t size);
  IOStatus sync(Inode& file, const std::string& path);
  IOStatus sync_directory(const std::string& path);
  IOStatus make_directory(const std::string& path);
  void close(const std::string& path);
  static void write(Inode& file, const char* bytes, std::size_t size);
  void cut();
  std::shared_ptr<Inode> survivor(const Inode& file);
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  mutable std::mutex mutex_;  // all below
  std::condition_variable spare_changed_;
  std::mt19937_64 random_;
  Names names_;
  Names synced_names_;
  std::vector<Change> changes_;
  std::set<std::string> locks_;
  std::uint64_t operations_ = 0;
  Targets targets_{};
  std::uint64_t cut_before_ = 0;
  bool off_ = false;
  Fault fault_;
  bool armed_ = false;
  bool hit_ = false;
  std::uint64_t fault_in_ = 0;
  Lies lies_;
  std::string spare_;
  bool spare_held_ = false;
  bool spare_wanted_ = false;
};

}  // namespace orderlog::power
