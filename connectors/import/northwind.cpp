// Sends the plan in batches, one after the other, and keeps account of every row.
#include "connectors/import/northwind.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "connectors/client/http_client.h"
#include "connectors/import/csv_reader.h"
#include "connectors/import/northwind_plan.h"
#include "connectors/import/progress.h"
#include "events/base/hash.h"
#include "events/base/money.h"

namespace orderlog::import {
namespace {

namespace json = boost::json;

constexpr std::size_t batch_commands = 200;
// What the server answers with when it is too busy is tried again so often, a second apart.
constexpr int busy_attempts_max = 60;

// How far an import has come, so that an interrupted one goes on there.
class Checkpoint {
 public:
  Checkpoint(std::string path, std::string plan) : path_(std::move(path)), plan_(std::move(plan)) {}

  // Commands done by an earlier run of the same plan; 0 when there was none.
  std::size_t load() const {
    std::ifstream in(path_);
    std::string plan;
    std::size_t done = 0;
    return in >> plan >> done && plan == plan_ ? done : 0;
  }
  Status save(std::size_t done) const {
    const std::string next = path_ + ".new";
    {
      std::ofstream out(next, std::ios::trunc);
      out << plan_ << ' ' << done << '\n';
      if (!out.flush()) return error(ErrorCode::Io, "cannot write the checkpoint " + next);
    }
    std::error_code failed;
    std::filesystem::rename(next, path_, failed);
    return failed ? Status(error(ErrorCode::Io, "cannot write the checkpoint " + path_)) : Status();
  }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  std::string path_;
  std::string plan_;
};

std::string plan_hash(const NorthwindPlan& plan) {
  Sha256 hash;
  for (const auto& command : plan.commands) hash.update(command.line);
  return to_hex(hash.finish());
}

std::string checkpoint_path(const ImportOptions& options, const std::string& plan) {
  if (!options.checkpoint_file.empty()) return options.checkpoint_file;
  return ".orderlog-import-" + to_hex(sha256(options.server + plan)).substr(0, 16);
}

// A row's answer: taken now, known before, or refused with a reason.
void account(const json::value& answer, const PlannedCommand& command, ImportReport& report,
             std::vector<BadRow>& bad) {
  const auto* object = answer.if_object();
  const auto status = object == nullptr               ? 0
                      : object->if_contains("status") ? object->at("status").to_number<int>()
                                                      : 0;
  if (status >= 200 && status < 300) {
    const auto* replayed = object->if_contains("replayed");
    ++(replayed != nullptr && replayed->is_bool() && replayed->get_bool() ? report.unchanged
                                                                          : report.created);
    if (const auto* position = object->if_contains("position");
        position != nullptr && position->is_string()) {
      report.reached.note(position->get_string());
    }
    return;
  }
  std::string reason = "no answer";
  if (object != nullptr) {
    const auto* problem = object->if_contains("problem");
    const auto* detail = problem != nullptr && problem->is_object()
                             ? problem->get_object().if_contains("detail")
                             : nullptr;
    reason = detail != nullptr && detail->is_string() ? std::string(detail->get_string())
                                                      : json::serialize(answer);
  }
  bad.push_back({command.file, command.row, "", command.key + ": " + reason});
}

Result<client::Response> send(client::HttpClient& client, const std::string& body) {
  client::RequestText request;
  request.method = "POST";
  request.target = "/v1/commands";
  request.body = body;
  request.content_type = "application/x-ndjson";
  // Every row has a key of its own: sending a batch twice is harmless.
  request.headers = {{"Idempotency-Key", to_hex(sha256(body)).substr(0, 32)}};
  for (int attempt = 1;; ++attempt) {
    auto response = client.request(request);
    if (!response || response->status != 503 || attempt == busy_attempts_max) return response;
    sleep(1);
  }
}

Status send_all(const ImportOptions& options, const NorthwindPlan& plan,
                const Checkpoint& checkpoint, std::size_t from, Progress& progress,
                ImportReport& report, std::vector<BadRow>& bad) {
  auto client = client::HttpClient::open(options.server);
  if (!client) return client.error();
  for (std::size_t at = from; at < plan.commands.size();) {
    const std::size_t end = std::min(at + batch_commands, plan.commands.size());
    std::string body;
    for (std::size_t i = at; i < end; ++i) body += plan.commands[i].line + '\n';
    auto response = send(*client, body);
    if (!response) return response.error();
    if (!response->ok()) {
      return error(
          ErrorCode::Unavailable,
          "the server answered " + std::to_string(response->status) + ": " + response->body);
    }
    std::size_t line = 0;
    for (std::size_t i = at; i < end; ++i) {
      const auto line_end = std::min(response->body.find('\n', line), response->body.size());
      boost::system::error_code malformed;
      const auto answer =
          json::parse(std::string_view(response->body).substr(line, line_end - line), malformed);
      account(malformed ? json::value() : answer, plan.commands[i], report, bad);
      line = std::min(line_end + 1, response->body.size());
    }
    report.commands += end - at;
    at = end;
    if (auto status = checkpoint.save(at); !status) return status;
    progress.show(at, bad.size());
  }
  return Status();
}

// Whoever asks for reports after the import shall find all of it in them; false: not yet.
bool await_reports(const ImportOptions& options, const client::ReachedPositions& reached) {
  if (reached.empty()) return true;
  auto client = client::HttpClient::open(options.server);
  if (!client) return false;
  for (int attempt = 1; attempt <= busy_attempts_max; ++attempt) {
    auto response = client->get("/v1/reports/order_status?limit=1&min_position=" + reached.text());
    if (!response) return false;
    if (response->status != 503) return response->status == 200;
  }
  return false;
}

Status write_errors(const std::string& path, const std::vector<BadRow>& bad) {
  std::string text = "file,row,column,reason\n";
  for (const auto& row : bad) {
    append_csv_field(text, row.file);
    text += ',' + std::to_string(row.row) + ',';
    append_csv_field(text, row.column);
    text += ',';
    append_csv_field(text, row.reason);
    text += '\n';
  }
  std::ofstream out(path, std::ios::trunc);
  out << text;
  return out.flush() ? Status() : Status(error(ErrorCode::Io, "cannot write " + path));
}

}  // namespace

Result<ImportReport> import_northwind(const ImportOptions& options, std::ostream& out) {
  auto planned = plan_northwind(options.path);
  if (!planned) return planned.error();
  const NorthwindPlan& plan = *planned;
  ImportReport report;
  report.rows = plan.rows;
  report.orders = plan.orders;
  report.lines = plan.lines;
  report.shipped = plan.shipped;
  report.open = plan.open;
  report.net = amount_to_text(schema::Money(plan.net_minor, schema::Currency::USD)) + " USD";
  std::vector<BadRow> bad = plan.bad_rows;
  if (options.dry_run) {
    report.notes = "dry run: " + std::to_string(plan.commands.size()) + " commands would be sent\n";
  } else {
    const std::string hash = plan_hash(plan);
    const Checkpoint checkpoint(checkpoint_path(options, hash), hash);
    const std::size_t from = options.resume ? std::min(checkpoint.load(), plan.commands.size()) : 0;
    if (from > 0) out << "going on after " << from << " commands\n";
    Progress progress(out, plan.commands.size(), options.progress);
    if (auto status = send_all(options, plan, checkpoint, from, progress, report, bad); !status) {
      return error(status.error().code, status.error().message + " (go on with --resume)");
    }
    progress.finish();
    checkpoint.remove();
    if (!await_reports(options, report.reached)) {
      report.notes += "the reports do not hold all of it yet: ask them with min_position=" +
                      report.reached.text() + '\n';
    }
  }
  report.failed = bad.size();
  for (const auto& oddity : plan.oddities) report.notes += oddity + '\n';
  if (!plan.shortages.empty()) {
    report.notes += "shortages (the rest is backordered):\n";
    for (const auto& shortage : plan.shortages) report.notes += "  " + shortage + '\n';
  }
  if (!bad.empty()) {
    const std::string path = options.errors_file.empty() ? "errors.csv" : options.errors_file;
    if (auto status = write_errors(path, bad); !status) return status.error();
    report.notes += "bad rows are listed in " + path + '\n';
  }
  return report;
}

}  // namespace orderlog::import
