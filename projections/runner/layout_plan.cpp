#include "projections/runner/layout_plan.h"

#include <algorithm>
#include <map>
#include <set>

namespace orderlog::projections {
namespace {

constexpr std::size_t tables_max = 16;
constexpr std::size_t indexes_max = 16;

std::vector<std::unique_ptr<schema::LayoutTableT>> tables_of(const ModelDefinition& definition) {
  std::vector<std::unique_ptr<schema::LayoutTableT>> tables;
  for (const TableDefinition& table : definition.tables) {
    auto described = std::make_unique<schema::LayoutTableT>();
    described->name = table.name;
    for (const IndexDefinition& index : table.indexes) {
      described->indexes.push_back(index.name);
      described->clustered.push_back(index.kind == IndexKind::Clustered);
    }
    tables.push_back(std::move(described));
  }
  return tables;
}

bool same_tables(const schema::LayoutRowT& layout, const ModelDefinition& definition) {
  const auto tables = tables_of(definition);
  return std::equal(layout.tables.begin(), layout.tables.end(), tables.begin(), tables.end(),
                    [](const auto& a, const auto& b) {
                      return a->name == b->name && a->indexes == b->indexes &&
                             a->clustered == b->clustered;
                    });
}

// Whether the layout can be folded on by this definition.
bool fits(const schema::LayoutRowT& layout, const ModelDefinition& definition) {
  return layout.model == definition.name && layout.version == definition.version &&
         layout.failure.empty() && same_tables(layout, definition);
}

const ModelDefinition* definition_for(const schema::LayoutRowT& layout,
                                      const std::vector<ModelDefinition>& models) {
  for (const ModelDefinition& model : models) {
    if (fits(layout, model)) return &model;
  }
  return nullptr;
}

// Whether a later copy has taken this one's place already: a crash came before it was erased.
bool replaced(const schema::LayoutRowT& layout, const std::vector<schema::LayoutRowT>& stored) {
  return std::any_of(stored.begin(), stored.end(), [&](const schema::LayoutRowT& other) {
    return other.lane == live_lane && other.model == layout.model &&
           other.generation > layout.generation;
  });
}

}  // namespace

LayoutPlan plan_layouts(const std::vector<schema::LayoutRowT>& stored,
                        const std::vector<ModelDefinition>& models) {
  std::map<std::string, const ModelDefinition*> wanted;
  for (const ModelDefinition& model : models) {
    auto& best = wanted[model.name];
    if (!best || best->version < model.version) best = &model;
  }
  LayoutPlan plan;
  std::set<std::string> settled;
  for (const schema::LayoutRowT& layout : stored) {
    const auto target = wanted.find(layout.model);
    if (target == wanted.end()) {
      plan.dropped.push_back(layout);
    } else if (layout.lane == live_lane && replaced(layout, stored)) {
      plan.dropped.push_back(layout);
    } else if (layout.lane == live_lane) {
      plan.served.push_back({layout, definition_for(layout, models)});
      // A failed layout waits for a rebuild that somebody asks for, else it would fail again.
      const bool failed = layout.version == target->second->version && !layout.failure.empty();
      if (fits(layout, *target->second) || failed) settled.insert(layout.model);
    } else if (fits(layout, *target->second)) {
      plan.resumed.push_back({layout, target->second});
    } else {
      plan.dropped.push_back(layout);
    }
  }
  for (const PlannedLayout& layout : plan.resumed) settled.insert(layout.row.model);
  LaneId lane = live_lane + 1;
  for (const schema::LayoutRowT& layout : stored) lane = std::max(lane, layout.lane + 1);
  std::vector<schema::LayoutRowT> all = stored;
  for (const auto& [name, definition] : wanted) {
    if (settled.contains(name)) continue;
    all.push_back(new_layout(all, *definition, lane));
    plan.created.push_back({all.back(), definition});
  }
  return plan;
}

schema::LayoutRowT new_layout(const std::vector<schema::LayoutRowT>& stored,
                              const ModelDefinition& definition, LaneId lane) {
  schema::LayoutRowT layout;
  layout.layout = 1;
  layout.generation = 1;
  for (const schema::LayoutRowT& other : stored) {
    layout.layout = std::max(layout.layout, other.layout + 1);
    if (other.model == definition.name) {
      layout.generation = std::max(layout.generation, other.generation + 1);
    }
  }
  layout.model = definition.name;
  layout.version = definition.version;
  layout.lane = lane;
  layout.tables = tables_of(definition);
  return layout;
}

Status check_models(const std::vector<ModelDefinition>& models) {
  const auto refuse = [](const std::string& why) { return error(ErrorCode::InvalidArgument, why); };
  std::set<std::pair<std::string, std::uint32_t>> versions;
  std::map<std::string, std::string> model_of_report;
  for (const ModelDefinition& model : models) {
    const std::string name = model.name + " v" + std::to_string(model.version);
    if (model.name.empty() || model.version == 0) return refuse("a model needs name and version");
    if (!versions.emplace(model.name, model.version).second)
      return refuse(name + " is there twice");
    if (!model.fold || model.wants == 0) return refuse(name + " folds nothing");
    if (model.tables.empty() || model.tables.size() > tables_max) {
      return refuse(name + " must have 1 to " + std::to_string(tables_max) + " tables");
    }
    std::set<const void*> types;
    for (const TableDefinition& table : model.tables) {
      if (!types.insert(table.row_type).second) return refuse(name + " has two tables of one row");
      if (table.indexes.size() > indexes_max) return refuse(name + " has too many indexes");
    }
    for (const ReportDefinition& report : model.reports) {
      const auto& descriptor = report.descriptor;
      if (descriptor.name.empty() || !(report.plan || report.compute)) {
        return refuse("a report of " + name + " cannot be answered");
      }
      const auto known = model_of_report.emplace(descriptor.name, model.name).first;
      if (known->second != model.name) return refuse("two reports are called " + descriptor.name);
    }
  }
  return {};
}

}  // namespace orderlog::projections
