// A folder of .fbs files, parsed: what the guard compares. Knows FlatBuffers' own parser and
// nothing of the engine, because the guard is built before anything that is generated from the
// schema.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace flatbuffers {
class Parser;
}
namespace reflection {
struct Schema;
}

namespace orderlog::codec {

// One thing that is wrong with the schema. `rule` is stable, for tests and for searching.
struct SchemaFinding {
  std::string rule;   // "field-removed"
  std::string where;  // "orderlog.schema.PlaceOrder.lines"
  std::string message;
};

// What a file says of buffers that have its root.
struct SchemaFileRoot {
  std::string root_table;  // empty: none
  std::string identifier;
};

class SchemaFiles {
 public:
  // All .fbs files directly in the folder, as one schema. Failure: what the parser said.
  static std::variant<std::unique_ptr<SchemaFiles>, SchemaFinding> load(const std::string& folder);
  ~SchemaFiles();

  const reflection::Schema& schema() const;
  const flatbuffers::Parser& parser() const { return *whole_; }
  // By file name.
  const std::map<std::string, SchemaFileRoot>& roots() const { return roots_; }
  bool empty() const { return roots_.empty(); }

 private:
  SchemaFiles();

  std::unique_ptr<flatbuffers::Parser> whole_;
  std::map<std::string, SchemaFileRoot> roots_;
};

}  // namespace orderlog::codec
