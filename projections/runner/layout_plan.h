// Which layouts to go on with, to build and to drop, given what the store holds and what this build
// of the program defines. Pure. Model identity is name + version; of several versions of one name
// the highest is the one to serve, and an older one is served until that is built.
#pragma once

#include <vector>

#include "projections/model.h"
#include "projections/store/catalog.h"

namespace orderlog::projections {

struct PlannedLayout {
  schema::LayoutRowT row;
  // nullptr: frozen. Its rows are served as they are; this build can't fold its version.
  const ModelDefinition* definition = nullptr;
};

struct LayoutPlan {
  std::vector<PlannedLayout> served;   // in lane 0
  std::vector<PlannedLayout> resumed;  // half built, each in its own or a shared lane
  std::vector<PlannedLayout> created;  // new, all in one new lane
  std::vector<schema::LayoutRowT> dropped;
};

LayoutPlan plan_layouts(const std::vector<schema::LayoutRowT>& stored,
                        const std::vector<ModelDefinition>& models);

// A layout to build `definition` anew beside `stored`.
schema::LayoutRowT new_layout(const std::vector<schema::LayoutRowT>& stored,
                              const ModelDefinition& definition, LaneId lane);

// Errors: InvalidArgument (a name or a table twice, no fold, a report without a table, ...).
Status check_models(const std::vector<ModelDefinition>& models);

}  // namespace orderlog::projections
