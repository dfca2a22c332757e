// Which layout answers for which model, and the reports over them. The runner's thread exchanges
// layouts; any thread asks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "events/base/hash.h"
#include "projections/model.h"
#include "projections/runner/row_snapshot.h"
#include "projections/runner/row_watch.h"
#include "projections/store/database.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {

class ServedModels {
 public:
  // Both must outlive it.
  ServedModels(const Database& database, const std::vector<ModelDefinition>& models);

  // From now on this layout answers; one that says why it failed doesn't.
  void serve(schema::LayoutRowT layout);

  const std::vector<ReportDescriptor>& reports() const { return descriptors_; }
  // The model a name stands for: its own or one of its reports'; nullptr: none.
  const ModelDefinition* model_of(std::string_view name) const;

  Result<ReportPage> report(const ReportRequest& request) const;
  Result<std::optional<std::string>> row(std::string_view report, std::string_view key,
                                         TimestampUs as_of) const;
  Result<Hash256> state_hash(std::string_view model) const;

  // As in runner.h.
  Result<RowWatch::Watched> watched(std::string_view report) const;
  Result<std::unique_ptr<RowSnapshot>> row_snapshot(std::string_view report) const;

 private:
  using Layout = std::shared_ptr<const schema::LayoutRowT>;
  struct Reading {
    Layout layout;
    std::shared_ptr<const Snapshot> snapshot;
    ReadView view;
  };
  struct Report {
    const ModelDefinition* model;
    const ReportDefinition* definition;
  };

  Result<Reading> read(const ModelDefinition& model) const;
  // The built-in report of what could not be folded, over all models.
  Result<ReportPage> parked_events(const ReportRequest& request) const;
  Result<const Report*> find_report(std::string_view name) const;
  // One that has single rows. Errors: NotFound, InvalidArgument.
  Result<const Report*> find_keyed(std::string_view name) const;

  const Database& database_;
  std::map<std::string, const ModelDefinition*, std::less<>> models_;
  std::map<std::string, Report, std::less<>> reports_;
  std::vector<ReportDescriptor> descriptors_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Layout, std::less<>> layouts_;  // by model
};

// The parameters with the filters' fallbacks filled in. Errors: InvalidArgument.
Result<Parameters> check_parameters(const ReportDescriptor& report, const Parameters& given);

}  // namespace orderlog::projections
