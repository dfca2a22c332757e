// The real binary as a child process, on a port of its own. Its standard error is read, so that "it
// serves" and "it has stopped" are events and not guesses.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace orderlog::test {

inline std::string binary() { return std::string(ORDERLOG_BINARY_DIR) + "/bin/orderlog"; }

struct Finished {
  int code = -1;  // -1: by a signal
  std::string out;
};

// Runs to its end; standard output and standard error together. Standard input is the file, if one
// is named.
inline Finished run(const std::vector<std::string>& arguments, const std::string& directory = {},
                    const std::string& input = {}) {
  std::array<int, 2> pipe_ends{};
  EXPECT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(126);
    if (!input.empty()) {
      const int file = open(input.c_str(), O_RDONLY | O_CLOEXEC);
      if (file < 0 || dup2(file, STDIN_FILENO) < 0) _exit(126);
    }
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    std::vector<char*> raw{const_cast<char*>("orderlog")};
    for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    execv(binary().c_str(), raw.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  Finished finished;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(pipe_ends[0], buffer.data(), buffer.size())) > 0;) {
    finished.out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) finished.code = WEXITSTATUS(status);
  return finished;
}

class ServerProcess {
 public:
  explicit ServerProcess(std::string data, std::vector<std::string> options = {"--clock", "data"})
      : data_(std::move(data)), options_(std::move(options)) {}
  ~ServerProcess() { kill9(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // For the next start.
  void set_options(std::vector<std::string> options) { options_ = std::move(options); }
  // NAME=value, beside the test's own, for the next start.
  void set_environment(std::vector<std::string> environment) {
    environment_ = std::move(environment);
  }

  // Waits until it says where it serves. False: it ended instead; see output().
  bool start() { return launch() && await_address(); }
  // Killed so long after its start, wherever it is by then.
  void start_and_kill9(std::chrono::milliseconds after) {
    if (!launch()) return;
    std::this_thread::sleep_for(after);
    kill9();
  }

  // Starts again where it was, for clients that know its address; what it says is read all the
  // time, so that much of it does not hold it up. output() is complete when it has ended.
  void long_lived() { long_lived_ = true; }
  void signal(int number) { kill(child_, number); }
  void kill9() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    reap();
  }
  // Until it ends by itself; its exit code, or -1 when it is still there after so long, and killed.
  // What it said meanwhile is added to output().
  int wait(int timeout_ms = 60'000) {
    std::array<char, 4096> buffer{};
    pollfd said{stderr_, POLLIN, 0};
    while (poll(&said, 1, timeout_ms) > 0) {
      const ssize_t got = read(stderr_, buffer.data(), buffer.size());
      if (got <= 0) return reap();
      output_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    kill9();
    return -1;
  }
  // A clean stop; its exit code.
  int stop() {
    kill(child_, SIGTERM);
    return reap();
  }
  const std::string& url() const { return url_; }
  const std::string& output() const { return output_; }
  int exit_code() const { return exit_code_; }

 private:
  bool launch() {
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) return false;
    output_.clear();
    // Made before the fork: other threads may be running.
    std::vector<std::string> arguments{"orderlog", "serve", "--data", data_, "--listen", listen_};
    arguments.insert(arguments.end(), options_.begin(), options_.end());
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    std::vector<char*> environment;
    for (auto& variable : environment_) environment.push_back(variable.data());
    for (char** variable = environ; *variable != nullptr; ++variable)
      environment.push_back(*variable);
    environment.push_back(nullptr);
    const std::string program = binary();
    child_ = fork();
    if (child_ == 0) {
      dup2(pipe_ends[1], STDERR_FILENO);
      close(pipe_ends[0]);
      close(pipe_ends[1]);
      execve(program.c_str(), raw.data(), environment.data());
      _exit(127);
    }
    close(pipe_ends[1]);
    stderr_ = pipe_ends[0];
    return true;
  }
  bool await_address() {
    std::array<char, 4096> buffer{};
    while (output_.find(" on http://") == std::string::npos || output_.back() != '\n') {
      const ssize_t got = read(stderr_, buffer.data(), buffer.size());
      if (got <= 0) {
        reap();
        return false;
      }
      output_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    const auto at = output_.find("http://");
    url_ = output_.substr(at, output_.find('\n', at) - at);
    if (long_lived_) {
      listen_ = url_.substr(std::string("http://").size());
      reader_ = std::thread([this] { read_on(); });
    }
    return true;
  }
  void read_on() {
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = read(stderr_, buffer.data(), buffer.size())) > 0;) {
      output_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  int reap() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    if (reader_.joinable()) reader_.join();
    if (stderr_ >= 0) close(stderr_);
    stderr_ = -1;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return exit_code_;
  }

  std::string data_;
  std::vector<std::string> options_;
  std::vector<std::string> environment_;
  std::string listen_ = "127.0.0.1:0";
  bool long_lived_ = false;
  std::thread reader_;
  pid_t child_ = -1;
  int stderr_ = -1;
  int exit_code_ = -1;
  std::string output_;
  std::string url_;
};

class ProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = info->name();  // of a parametrised test: with a slash
    std::replace(name.begin(), name.end(), '/', '-');
    directory_ = std::filesystem::temp_directory_path() /
                 ("orderlog-" + name + "-" + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string data(const std::string& name = "data") const { return (directory_ / name).string(); }
  std::filesystem::path directory_;
};

// The data beside the checkout; empty, loudly, when it is not there.
inline std::string northwind() {
  const auto folder =
      std::filesystem::path(ORDERLOG_SOURCE_DIR).parent_path() / "shared" / "data" / "northwind";
  if (std::filesystem::exists(folder / "orders.csv")) return folder.string();
  std::fprintf(stderr, "SKIPPED: the Northwind data are not beside the checkout\n");
  return {};
}

}  // namespace orderlog::test
