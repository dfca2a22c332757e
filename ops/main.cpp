// The command line (design.md section 9).
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "ops/commands.h"
#include "ops/configuration.h"
#include "ops/version.h"

// Read by jemalloc as it starts (jemalloc(3), opt.thp): an order's state is all over hundreds of
// megabytes. The environment's MALLOC_CONF goes before it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "thp:always";

namespace {

using namespace orderlog;

int run(int argc, char** argv) {
  CLI::App app{"orderlog: event-sourced order processing"};
  app.set_version_flag("--version", std::string("orderlog ") + ops::version);
  app.require_subcommand(1);
  int code = ops::exit_ok;

  ops::ServeOptions serve;
  auto* serve_command =
      app.add_subcommand("serve", "Runs the engine, on the embedded log or with [kafka] in FILE");
  serve_command->add_option("--data", serve.data, "Data directory; made if it is not there")
      ->required();
  serve_command->add_option("--listen", serve.listen, "ADDRESS:PORT, port 0 takes a free one");
  serve_command->add_option("--config", serve.config,
                            "TOML file; `orderlog config` prints all settings");
  serve_command
      ->add_option("--clock", serve.clock,
                   "wall, or data: business time is the greatest occurred_at seen")
      ->check(CLI::IsMember({"wall", "data"}));
  serve_command->add_option("--partitions", serve.partitions,
                            "Partitions of a new log (fixed for ever)");
  serve_command->add_option("--address-file", serve.address_file,
                            "Written with host:port once listening");
  serve_command->callback([&] { code = ops::serve(serve); });

  simulator::SimulatorOptions simulation;
  auto* simulate_command =
      app.add_subcommand("simulate", "A trading company at work, from lead to ticket");
  simulate_command->add_option("--server", simulation.server, "http://HOST:PORT")->required();
  simulate_command->add_option("--orders", simulation.orders, "How many orders")
      ->check(CLI::Range(1, 100'000'000));
  simulate_command->add_option("--seed", simulation.seed, "The same seed does the same things");
  simulate_command->add_option("--connections", simulation.connections, "Connections at once")
      ->check(CLI::Range(1, 256));
  simulate_command->callback([&] { code = ops::simulate(simulation); });

  import::ImportOptions northwind;
  auto* import_command = app.add_subcommand("import", "Real data in");
  import_command->require_subcommand(1);
  auto* northwind_command = import_command->add_subcommand("northwind", "Northwind's CSV files");
  bool quiet = false;
  std::string progress = "auto";
  northwind_command->add_option("path", northwind.path, "Folder with the CSV files")->required();
  northwind_command->add_option("--server", northwind.server, "http://HOST:PORT");
  northwind_command->add_flag("--dry-run", northwind.dry_run, "Checks everything, sends nothing");
  northwind_command->add_flag("--resume", northwind.resume,
                              "Goes on where an interrupted import stopped");
  northwind_command->add_option("--errors", northwind.errors_file,
                                "Where bad rows go (errors.csv)");
  northwind_command->add_option("--checkpoint", northwind.checkpoint_file,
                                "Where progress is kept");
  northwind_command->add_option("--progress", progress, "auto, none or json")
      ->check(CLI::IsMember({"auto", "none", "json"}));
  northwind_command->add_flag("--quiet", quiet, "No progress");
  northwind_command->callback([&] {
    if (progress == "json") northwind.progress = import::ProgressStyle::Json;
    if (quiet || progress == "none") northwind.progress = import::ProgressStyle::None;
    if (northwind.server.empty() && !northwind.dry_run) throw CLI::RequiredError("--server");
    code = ops::import_northwind(northwind);
  });

  ops::VerifyOptions verify;
  auto* verify_command =
      app.add_subcommand("verify", "Checks the whole log, and that replay equals live");
  verify_command->add_option("--data", verify.data, "Data directory");
  verify_command->add_option("--config", verify.config,
                             "TOML file; with [kafka] the whole topic is read and verified");
  verify_command->callback([&] {
    if (verify.data.empty() && verify.config.empty()) throw CLI::RequiredError("--data");
    code = ops::verify(verify);
  });

  ops::TopicsOptions topics;
  auto* topics_command = app.add_subcommand("topics", "The topics on the Kafka cluster");
  topics_command->require_subcommand(1);
  auto* apply_command = topics_command->add_subcommand("apply", "Makes those that are missing");
  apply_command->add_option("--config", topics.config, "TOML file with [kafka]")->required();
  apply_command->add_flag("--dry-run", topics.dry_run, "Only says what it would make");
  apply_command->callback([&] { code = ops::apply_topics(topics); });
  auto* check_command =
      topics_command->add_subcommand("check", "Says how they differ from what they should be");
  check_command->add_option("--config", topics.config, "TOML file with [kafka]")->required();
  check_command->callback([&] { code = ops::check_topics(topics); });

  auto* dlq_command = app.add_subcommand("dlq", "Commands that could not be taken from Kafka");
  dlq_command->require_subcommand(1);
  ops::DlqListOptions dlq_list;
  auto* dlq_list_command =
      dlq_command->add_subcommand("list", "A line for each, and their reasons");
  dlq_list_command->add_option("--config", dlq_list.config, "TOML file with [kafka]")->required();
  dlq_list_command->add_option("--reason", dlq_list.reason, "Only where the reason has this text");
  dlq_list_command->add_option("--from", dlq_list.from, "PARTITION:OFFSET to begin at");
  dlq_list_command->add_option("--limit", dlq_list.limit, "How many at most");
  dlq_list_command->add_flag("--json", dlq_list.json, "One JSON object a line");
  dlq_list_command->callback([&] { code = ops::dlq_list(dlq_list); });
  ops::DlqShowOptions dlq_show;
  auto* dlq_show_command = dlq_command->add_subcommand("show", "One with its headers and value");
  dlq_show_command->add_option("position", dlq_show.position, "PARTITION:OFFSET")->required();
  dlq_show_command->add_option("--config", dlq_show.config, "TOML file with [kafka]")->required();
  dlq_show_command->add_flag("--raw", dlq_show.raw, "Only the bytes of its value");
  dlq_show_command->callback([&] { code = ops::dlq_show(dlq_show); });
  ops::DlqReplayOptions dlq_replay;
  auto* dlq_replay_command =
      dlq_command->add_subcommand("replay", "Sends them to the inbox again, as they came");
  auto* dlq_positions =
      dlq_replay_command->add_option("positions", dlq_replay.positions, "PARTITION:OFFSET of each");
  auto* dlq_all =
      dlq_replay_command->add_flag("--all", dlq_replay.all, "All that were not replayed yet");
  dlq_replay_command
      ->add_option("--reason", dlq_replay.reason, "Of all, only where the reason has this text")
      ->needs(dlq_all);
  dlq_replay_command->add_flag("--dry-run", dlq_replay.dry_run, "Only says what it would send");
  dlq_replay_command->add_option("--config", dlq_replay.config, "TOML file with [kafka]")
      ->required();
  dlq_all->excludes(dlq_positions);
  dlq_replay_command->callback([&] {
    if (!dlq_replay.all && dlq_replay.positions.empty()) throw CLI::RequiredError("positions");
    code = ops::dlq_replay(dlq_replay);
  });

  std::string asyncapi_config;
  auto* asyncapi_command =
      app.add_subcommand("asyncapi", "The topics and their records as AsyncAPI 3.0, in JSON");
  asyncapi_command->add_option("--config", asyncapi_config,
                               "TOML file with [kafka]; without it the defaults");
  asyncapi_command->callback([&] { code = ops::print_asyncapi(asyncapi_config); });

  ops::TailOptions tail;
  auto* tail_command = app.add_subcommand("tail", "The log, readable");
  tail_command->add_option("--data", tail.data, "Data directory")->required();
  tail_command->add_option("--from", tail.from, "PARTITION:SEQUENCE");
  tail_command->add_option("--type", tail.type, "Only events of this type");
  tail_command->add_flag("--json", tail.json, "One JSON object a line");
  tail_command->add_flag("--follow,-f", tail.follow, "Goes on as events come");
  tail_command->callback([&] { code = ops::tail(tail); });

  ops::DecodeOptions decode;
  auto* decode_command = app.add_subcommand(
      "decode", "Records from Kafka, readable: kcat -C -D '' -f '%R%s' … | orderlog decode");
  decode_command->add_flag("--json", decode.json, "One JSON object a line");
  decode_command->callback([&] { code = ops::decode(decode); });

  std::string projection;
  std::string rebuild_server;
  std::string rebuild_data;
  auto* rebuild_command = app.add_subcommand("rebuild", "Builds a read model anew from the log");
  rebuild_command->add_option("projection", projection, "Its name")->required();
  auto* rebuild_at = rebuild_command->add_option_group("where");
  rebuild_at->add_option("--server", rebuild_server, "http://HOST:PORT of a running server");
  rebuild_at->add_option("--data", rebuild_data, "Data directory that no server has open");
  rebuild_at->require_option(1);
  rebuild_command->callback([&] { code = ops::rebuild(projection, rebuild_server, rebuild_data); });

  std::string backup_data;
  std::string backup_server;
  std::string backup_to;
  auto* backup_command = app.add_subcommand("backup", "Copies the log, checked");
  auto* backup_of = backup_command->add_option_group("of");
  backup_of->add_option("--server", backup_server, "http://HOST:PORT of a running server");
  backup_of->add_option("--data", backup_data, "Data directory that no server has open");
  backup_of->require_option(1);
  backup_command->add_option("--to", backup_to, "Backup directory")->required();
  backup_command->callback([&] { code = ops::backup(backup_data, backup_server, backup_to); });

  std::string restore_from;
  std::string restore_data;
  auto* restore_command = app.add_subcommand("restore", "Makes a data directory from a backup");
  restore_command->add_option("--from", restore_from, "Backup directory")->required();
  restore_command->add_option("--data", restore_data, "Data directory to make; must not hold a log")
      ->required();
  std::uint32_t restore_id = 0;
  restore_command->add_option("--id", restore_id, "Of the backup; without it, the newest");
  restore_command->callback([&] { code = ops::restore(restore_from, restore_data, restore_id); });

  auto* config_command = app.add_subcommand("config", "Prints every setting with its default");
  config_command->callback([] { std::cout << ops::configuration_reference(); });

  CLI11_PARSE(app, argc, argv);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return run(argc, argv);
}
