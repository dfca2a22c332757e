#include "tests/power/trial.h"

namespace orderlog::power {
namespace {

constexpr int starts_max = 12;  // of the node, restarts of the script included

const char* name_of(FileClass file_class) {
  switch (file_class) {
    case FileClass::Wal:
      return "WAL";
    case FileClass::Sst:
      return "SST";
    case FileClass::Manifest:
      return "MANIFEST";
    case FileClass::Current:
      return "CURRENT";
    case FileClass::Directory:
      return "directory";
    case FileClass::Other:
      return "other file";
  }
  return "?";
}

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::Io:
      return "EIO";
    case FaultKind::DiskFull:
      return "ENOSPC";
    case FaultKind::ShortWrite:
      return "short write";
    case FaultKind::FailedSync:
      return "failed sync";
  }
  return "?";
}

// After a failure the process ends; with or without the power going as well.
void mend(FaultFileSystem& files, std::uint64_t seed) {
  if (!files.power_is_off() && seed % 2 == 0) files.cut_now();
  if (files.power_is_off()) files.restart();
  files.heal();
}

}  // namespace

std::string to_string(const Misfortune& misfortune) {
  std::string text = "seed " + std::to_string(misfortune.seed);
  if (misfortune.cut_before > 0) {
    text += ", power cut before operation " + std::to_string(misfortune.cut_before);
  }
  if (misfortune.cut_recovery_after > 0) {
    text += ", again " + std::to_string(misfortune.cut_recovery_after) + " operations later";
  }
  if (misfortune.fault) {
    text += std::string(", ") + name_of(misfortune.fault->kind) + " at operation " +
            std::to_string(misfortune.fault->at) + " on the " +
            name_of(misfortune.fault->file_class);
  }
  return text;
}

Outcome run(const std::vector<Step>& script, const Misfortune& misfortune) {
  Outcome outcome;
  const auto disk = std::make_shared<FaultFileSystem>(misfortune.seed);
  FaultFileSystem& files = *disk;
  files.lie(misfortune.lies);
  if (misfortune.cut_before > 0) files.cut_before(misfortune.cut_before);
  if (misfortune.fault) files.inject(*misfortune.fault);
  Client client{script, misfortune.pipelined};
  bool mended = false;
  for (int start = 0; start < starts_max && !client.done() && !outcome.problem; ++start) {
    std::optional<Error> why;
    {
      Node node(disk, client);
      if (node.open()) node.run();
      outcome.problem = node.problem();
      why = node.failure();
    }
    const bool cut = files.power_is_off();
    outcome.happened |= cut || files.fault_was_hit();
    if (!why && !cut) continue;
    if (!cut && (!files.fault_was_hit() || mended)) {
      outcome.problem = "stopped for no reason: " + orderlog::to_string(*why);
    }
    mended = true;
    mend(files, misfortune.seed);
    if (misfortune.cut_recovery_after > 0 && start == 0) {
      files.cut_before(files.operations() + misfortune.cut_recovery_after);
    }
  }
  outcome.operations = files.operations();
  outcome.targets = files.targets();
  if (!outcome.problem && !client.done()) outcome.problem = "the script came to no end";
  if (outcome.problem) return outcome;
  // What was acknowledged survives this, too.
  files.cut_before(0);
  files.heal();
  files.cut_now();
  files.restart();
  Node node(disk, client);
  if (node.open()) outcome.state = node.state();
  outcome.problem = node.problem();
  if (!outcome.problem && node.failure()) outcome.problem = orderlog::to_string(*node.failure());
  return outcome;
}

}  // namespace orderlog::power
