// The import of Northwind, Microsoft's sample trading company: its whole history through the public
// HTTP API, in the order of business time, with the authority of an import. Must hold: running it
// again, or going on after a stop, changes nothing that is there already; a bad row never stops the
// others and is reported with row, column and reason.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "connectors/client/reached_positions.h"
#include "events/base/result.h"

namespace orderlog::import {

enum class ProgressStyle { Auto, None, Json };

struct ImportOptions {
  std::string path;      // the folder with the CSV files
  std::string server;    // "http://127.0.0.1:8080"
  bool dry_run = false;  // reads and checks everything, sends nothing
  bool resume = false;   // goes on where an interrupted import stopped
  std::string
      errors_file;  // empty: errors.csv in the working directory, made only when there are errors
  std::string
      checkpoint_file;  // empty: derived from the server and the path, in the working directory
  ProgressStyle progress = ProgressStyle::Auto;
};

struct ImportReport {
  std::uint64_t rows = 0;
  std::uint64_t commands = 0;
  std::uint64_t created = 0;    // commands that had an effect now
  std::uint64_t unchanged = 0;  // commands that were known already
  std::uint64_t failed = 0;     // rows in the errors file
  std::uint64_t orders = 0;
  std::uint64_t lines = 0;
  std::uint64_t shipped = 0;
  std::uint64_t open = 0;
  std::string net;    // "1265793.02 USD"
  std::string notes;  // shortages and oddities, for people
  client::ReachedPositions reached;
};

// Errors: InvalidArgument (folder, files, columns), Unavailable (server). Row errors are in the
// report.
Result<ImportReport> import_northwind(const ImportOptions& options, std::ostream& out);

}  // namespace orderlog::import
