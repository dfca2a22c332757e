// A diary that may lose lines but never fails, and a listener that forbids automatic recovery.
#include "events/log/rocks_safety.h"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>

namespace orderlog::log {
namespace {

class Diary final : public rocksdb::Logger {
 public:
  explicit Diary(std::string path)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(std::move(path)) {}
  ~Diary() override {
    if (file_ != nullptr) std::fclose(file_);
  }

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (path_.empty()) return;
    char line[2'048];
    std::vsnprintf(line, sizeof line, format, arguments);
    const std::lock_guard lock(mutex_);
    if (file_ == nullptr) file_ = std::fopen(path_.c_str(), "ae");
    if (file_ == nullptr) return;
    char when[32];
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    std::fprintf(file_, "%s %s\n", when, line);
    std::fflush(file_);
    std::clearerr(file_);
    if (std::ftell(file_) > static_cast<long>(diary_bytes_max)) start_anew();
  }

 private:
  void start_anew() {
    std::fclose(file_);
    file_ = nullptr;
    std::rename(path_.c_str(), (path_ + ".old").c_str());
  }

  const std::string path_;
  std::mutex mutex_;
  std::FILE* file_ = nullptr;
};

class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

}  // namespace

void harden(rocksdb::DBOptions& options, const std::string& diary_path) {
  options.info_log = std::make_shared<Diary>(diary_path);
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<NoRecovery>());
}

void compact_side_by_side(int stores) {
  rocksdb::Env::Default()->IncBackgroundThreadsIfNeeded(stores, rocksdb::Env::LOW);
}

}  // namespace orderlog::log
