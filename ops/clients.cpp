// Subcommands that work through another process or library: simulate, import, rebuild, backup,
// restore.
#include <sys/wait.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "connectors/client/http_client.h"
#include "events/log/backup.h"
#include "events/log/embedded_log.h"
#include "ops/commands.h"
#include "projections/registry.h"
#include "projections/runner/runner.h"

namespace orderlog::ops {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::hours rebuild_wait_max{24};
constexpr std::uint32_t backup_wait_max_ms = 24 * 3'600 * 1'000;

}  // namespace

int report(const std::string& what, const Error& why) {
  std::fprintf(stderr, "orderlog: %s: %s\n", what.c_str(), why.message.c_str());
  return exit_failed;
}

std::string state_directory(const std::string& data) { return (fs::path(data) / "state").string(); }

int simulate(const simulator::SimulatorOptions& options) {
  auto done = simulator::simulate(options, std::cout);
  if (!done) return report("simulate", done.error());
  std::cout << done->summary;
  for (const auto& comparison : done->comparisons) {
    if (comparison.agrees()) continue;
    std::cout << "DIFFERS " << comparison.what << ": expected " << comparison.expected << ", found "
              << comparison.found << '\n';
  }
  std::cout << (done->agrees() ? "the read models agree with the company's own books: "
                               : "the books DISAGREE: ")
            << done->comparisons.size() << " figures compared\n";
  return done->agrees() ? exit_ok : exit_failed;
}

int import_northwind(const import::ImportOptions& options) {
  auto done = import::import_northwind(options, std::cout);
  if (!done) return report("import", done.error());
  std::cout << done->orders << " orders, " << done->lines << " lines, " << done->shipped
            << " shipped, " << done->open << " open; net " << done->net << '\n'
            << done->created << " commands took effect, " << done->unchanged
            << " were known already, " << done->failed << " rows failed\n"
            << done->notes;
  return done->failed == 0 ? exit_ok : exit_rows_failed;
}

int rebuild(const std::string& projection, const std::string& server, const std::string& data) {
  if (!server.empty()) {
    auto client = client::HttpClient::open(server);
    if (!client) return report("rebuild", client.error());
    auto response = client->post("/v1/projections/" + projection + "/rebuild", "{}");
    if (!response) return report("rebuild", response.error());
    std::cout << response->body << '\n';
    return response->status / 100 == 2 ? exit_ok : exit_failed;
  }
  log::EmbeddedLogOptions log_options;
  log_options.directory = data;
  auto log = log::open_embedded_log(log_options);
  if (!log) return report("the log cannot be opened", log.error());
  projections::RunnerOptions options;
  options.directory = data;
  auto runner = projections::Runner::open(**log, options, projections::all_models());
  if (!runner) return report("the read models cannot be opened", runner.error());
  if (auto status = (*runner)->rebuild(projection); !status)
    return report("rebuild", status.error());
  if (auto status = (*runner)->wait_ready(rebuild_wait_max); !status)
    return report("rebuild", status.error());
  if (auto status = (*runner)->flush(); !status) return report("rebuild", status.error());
  std::cout << projection << " rebuilt\n";
  return exit_ok;
}

int backup(const std::string& data, const std::string& server, const std::string& to) {
  if (!server.empty()) {
    // A large log takes as long as its disk needs.
    client::ClientOptions patient;
    patient.request_timeout_ms = backup_wait_max_ms;
    auto client = client::HttpClient::open(server, patient);
    if (!client) return report("backup", client.error());
    auto response = client->post(
        "/v1/backup",
        boost::json::serialize(boost::json::object{{"directory", fs::absolute(to).string()}}));
    if (!response) return report("backup", response.error());
    std::cout << response->body << '\n';
    return response->status / 100 == 2 ? exit_ok : exit_failed;
  }
  auto made = log::create_backup((fs::path(data) / "log").string(), to);
  if (!made) return report("backup", made.error());
  std::cout << "backup " << made->id << ": " << made->files << " files, " << made->bytes
            << " bytes, verified\n";
  return exit_ok;
}

int restore(const std::string& from, const std::string& data, std::uint32_t id) {
  const auto restored = log::restore_backup(from, (fs::path(data) / "log").string(), id);
  if (!restored) return report("restore", restored.error());
  std::cout << "backup " << *restored
            << " restored; state and read models are rebuilt from the log at the next start\n";
  return exit_ok;
}

}  // namespace orderlog::ops
