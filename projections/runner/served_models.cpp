#include "projections/runner/served_models.h"

#include <algorithm>
#include <mutex>

#include "projections/store/catalog.h"
#include "projections/store/cursor.h"
#include "projections/store/state_hash.h"

namespace orderlog::projections {
namespace {

Error bad(std::string why) { return error(ErrorCode::InvalidArgument, std::move(why)); }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Status check_value(const FilterDescriptor& filter, const std::string& value) {
  if (value.size() > report_parameter_bytes_max) {
    return bad(filter.name + " is longer than " + std::to_string(report_parameter_bytes_max) +
               " bytes");
  }
  if (filter.kind == FilterKind::Choice &&
      std::find(filter.choices.begin(), filter.choices.end(), value) == filter.choices.end()) {
    return bad(filter.name + " must be one of " + joined(filter.choices) + ", not " +
               quote_input(value));
  }
  if (filter.kind == FilterKind::Date) {
    if (auto day = day_from_text(value); !day) return bad(filter.name + ": " + day.error().message);
  }
  return {};
}

constexpr std::string_view parked_report = "parked_events";

ReportDescriptor parked_descriptor() {
  ReportDescriptor report;
  report.name = parked_report;
  report.description =
      "Keys whose events a read model could not apply, with all that followed them; a rebuild "
      "folds them again.";
  report.row_table = "ParkedRow";
  return report;
}

// What a cursor belongs to.
std::string binding_of(const ReportRequest& request, const schema::LayoutRowT& layout,
                       const Parameters& parameters) {
  Key key;
  key.text(request.report).text(layout.model).u32(layout.version);
  key.u8(static_cast<std::uint8_t>(request.order));
  for (const auto& [name, value] : parameters) key.text(name).text(value);
  return key.take();
}

}  // namespace

Result<Parameters> check_parameters(const ReportDescriptor& report, const Parameters& given) {
  Parameters checked;
  for (const auto& [name, value] : given) {
    const auto filter =
        std::find_if(report.filters.begin(), report.filters.end(),
                     [&, &wanted = name](const auto& f) { return f.name == wanted; });
    if (filter == report.filters.end()) {
      return bad("the report " + report.name + " has no parameter " + quote_input(name));
    }
    if (auto valid = check_value(*filter, value); !valid) return valid.error();
    checked[name] = value;
  }
  if (report.exclusive && checked.size() > 1) {
    return bad("the report " + report.name + " takes one of its parameters at a time");
  }
  for (const FilterDescriptor& filter : report.filters) {
    if (checked.contains(filter.name)) continue;
    if (filter.required) return bad("the report " + report.name + " needs " + filter.name);
    if (!filter.fallback.empty()) checked[filter.name] = filter.fallback;
  }
  return checked;
}

ServedModels::ServedModels(const Database& database, const std::vector<ModelDefinition>& models)
    : database_(database) {
  for (const ModelDefinition& model : models) {
    auto& best = models_[model.name];
    if (!best || best->version < model.version) best = &model;
  }
  for (const auto& [name, model] : models_) {
    for (const ReportDefinition& report : model->reports) {
      reports_[report.descriptor.name] = {model, &report};
      descriptors_.push_back(report.descriptor);
      descriptors_.back().model = name;
    }
  }
  descriptors_.push_back(parked_descriptor());
  std::sort(descriptors_.begin(), descriptors_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

void ServedModels::serve(schema::LayoutRowT layout) {
  std::string model = layout.model;
  auto shared = std::make_shared<const schema::LayoutRowT>(std::move(layout));
  const std::unique_lock lock(mutex_);
  layouts_[std::move(model)] = std::move(shared);
}

const ModelDefinition* ServedModels::model_of(std::string_view name) const {
  if (const auto model = models_.find(name); model != models_.end()) return model->second;
  if (const auto report = reports_.find(name); report != reports_.end()) {
    return report->second.model;
  }
  return nullptr;
}

Result<const ServedModels::Report*> ServedModels::find_report(std::string_view name) const {
  const auto found = reports_.find(name);
  if (found == reports_.end()) {
    return error(ErrorCode::NotFound, "there is no report " + quote_input(name));
  }
  return &found->second;
}

// The layout and the moment are taken together: an exchanged layout is erased only afterwards, and
// the snapshot still sees it.
Result<ServedModels::Reading> ServedModels::read(const ModelDefinition& model) const {
  const std::shared_lock lock(mutex_);
  const auto found = layouts_.find(model.name);
  if (found == layouts_.end()) {
    return error(ErrorCode::Unavailable, model.name + " is being built; try again later");
  }
  if (!found->second->failure.empty()) {
    return error(ErrorCode::Unavailable,
                 model.name + " was stopped and must be rebuilt: " + found->second->failure);
  }
  auto snapshot = database_.snapshot();
  return Reading{found->second, snapshot, ReadView(database_, snapshot, *found->second)};
}

Result<ReportPage> ServedModels::parked_events(const ReportRequest& request) const {
  const std::string binding = Key().text(parked_report).take();
  const std::uint32_t limit = request.limit ? request.limit : report_rows_default;
  auto parameters = check_parameters(parked_descriptor(), request.parameters);
  if (!parameters) return std::move(parameters).error();
  std::string last;
  if (!request.cursor.empty()) {
    auto position = read_cursor(binding, request.cursor);
    if (!position) return std::move(position).error();
    last = std::move(*position);
  }
  ReportPage page;
  page.total = 0;
  std::string position;
  for (const auto& [name, model] : models_) {
    const auto reading = read(*model);
    if (!reading) continue;  // the model itself says why, in stats
    const auto scanned = reading->view.scan_parked([&](std::string_view key, std::string_view row) {
      ++*page.total;
      std::string at = Key().text(name).rest(key).take();
      if (at <= last) return true;
      if (page.rows.size() == limit) {
        page.next_cursor = position;
        return true;
      }
      page.rows.emplace_back(row);
      position = std::move(at);
      return true;
    });
    if (!scanned) return scanned.error();
  }
  if (!page.next_cursor.empty()) page.next_cursor = make_cursor(binding, page.next_cursor);
  return page;
}

Result<ReportPage> ServedModels::report(const ReportRequest& request) const {
  if (request.limit > report_rows_max) {
    return bad("limit may be at most " + std::to_string(report_rows_max));
  }
  if (request.report == parked_report) return parked_events(request);
  const auto found = find_report(request.report);
  if (!found) return found.error();
  const Report& report = **found;
  const ReportDefinition& definition = *report.definition;
  auto parameters = check_parameters(definition.descriptor, request.parameters);
  if (!parameters) return std::move(parameters).error();
  auto reading = read(*report.model);
  if (!reading) return std::move(reading).error();

  const std::string binding = binding_of(request, *reading->layout, *parameters);
  ReportRequest inner = request;
  inner.parameters = *parameters;
  inner.limit = request.limit ? request.limit : report_rows_default;
  if (!request.cursor.empty()) {
    auto position = read_cursor(binding, request.cursor);
    if (!position) return std::move(position).error();
    inner.cursor = std::move(*position);
  }
  ReportPage page;
  if (definition.compute) {
    auto computed = definition.compute(reading->view, inner);
    if (!computed) return computed;
    page = std::move(*computed);
  } else {
    auto query = definition.plan(*parameters);
    if (!query) return std::move(query).error();
    if (request.order != ListOrder::Default) {
      query->descending = request.order == ListOrder::Descending;
    }
    auto listed = reading->view.list(*query, inner.cursor, inner.limit);
    if (!listed) return std::move(listed).error();
    page = {std::move(listed->rows), std::move(listed->last), listed->total};
  }
  if (!page.next_cursor.empty()) page.next_cursor = make_cursor(binding, page.next_cursor);
  if (definition.finish) {
    for (std::string& row : page.rows) row = definition.finish(std::move(row), request.as_of);
  }
  return page;
}

Result<std::optional<std::string>> ServedModels::row(std::string_view name, std::string_view key,
                                                     TimestampUs as_of) const {
  const auto found = find_keyed(name);
  if (!found) return found.error();
  const ReportDefinition& definition = *(*found)->definition;
  if (key.size() > report_parameter_bytes_max) return bad("the key is too long");
  auto reading = read(*(*found)->model);
  if (!reading) return std::move(reading).error();
  auto row = reading->view.row(definition.descriptor.row_table, key);
  if (!row || !*row || !definition.finish) return row;
  return std::optional<std::string>(definition.finish(std::move(**row), as_of));
}

Result<const ServedModels::Report*> ServedModels::find_keyed(std::string_view name) const {
  auto found = find_report(name);
  if (found && (*found)->definition->descriptor.key.empty()) {
    return bad("the report " + std::string(name) + " has no single rows");
  }
  return found;
}

Result<RowWatch::Watched> ServedModels::watched(std::string_view report) const {
  const auto found = find_keyed(report);
  if (!found) return found.error();
  const auto& tables = (*found)->model->tables;
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const TableDefinition& t) {
    return t.name == (*found)->definition->descriptor.row_table;
  });
  ORDERLOG_ENSURE(table != tables.end(), "a report with keys lists a table of its model");
  return RowWatch::Watched{(*found)->model->name,
                           static_cast<std::uint8_t>(table - tables.begin())};
}

Result<std::unique_ptr<RowSnapshot>> ServedModels::row_snapshot(std::string_view name) const {
  const auto found = find_keyed(name);
  if (!found) return found.error();
  auto reading = read(*(*found)->model);
  if (!reading) return std::move(reading).error();
  const auto partitions = read_partition_count(database_);
  if (!partitions) return partitions.error();
  const auto progress = read_progress(database_, live_lane, *partitions, reading->snapshot.get());
  if (!progress) return progress.error();
  std::vector<Sequence> position;
  for (const Progress& at : *progress) position.push_back(at.seq);
  return std::make_unique<RowSnapshot>(*(*found)->definition, std::move(reading->layout),
                                       std::move(reading->view), std::move(position));
}

Result<Hash256> ServedModels::state_hash(std::string_view name) const {
  const ModelDefinition* model = model_of(name);
  if (!model) return error(ErrorCode::NotFound, "there is no model " + quote_input(name));
  auto reading = read(*model);
  if (!reading) return std::move(reading).error();
  return state_hash_of(reading->view, *model);
}

}  // namespace orderlog::projections
