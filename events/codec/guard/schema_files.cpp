#include "events/codec/guard/schema_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "flatbuffers/idl.h"
#include "flatbuffers/reflection.h"

namespace orderlog::codec {
namespace {

namespace fs = std::filesystem;

flatbuffers::IDLOptions options() {
  flatbuffers::IDLOptions idl;
  idl.binary_schema_builtins = true;
  idl.require_explicit_ids = true;
  return idl;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool parse(flatbuffers::Parser& parser, const std::string& source, const std::string& folder,
           const std::string& name) {
  const char* includes[] = {folder.c_str(), nullptr};
  return parser.Parse(source.c_str(), includes, name.c_str());
}

}  // namespace

SchemaFiles::SchemaFiles() = default;
SchemaFiles::~SchemaFiles() = default;

std::variant<std::unique_ptr<SchemaFiles>, SchemaFinding> SchemaFiles::load(
    const std::string& folder) {
  std::unique_ptr<SchemaFiles> files(new SchemaFiles());
  std::string whole;
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".fbs") continue;
    const std::string name = entry.path().filename().string();
    flatbuffers::Parser parser(options());
    if (!parse(parser, contents(entry.path()), folder, entry.path().string())) {
      return SchemaFinding{"not-a-schema", name, parser.error_};
    }
    SchemaFileRoot root;
    root.identifier = parser.file_identifier_;
    if (parser.root_struct_def_ != nullptr) {
      root.root_table = parser.root_struct_def_->defined_namespace->GetFullyQualifiedName(
          parser.root_struct_def_->name);
    }
    files->roots_[name] = root;
  }
  if (failed) return SchemaFinding{"not-a-folder", folder, failed.message()};
  for (const auto& [name, root] : files->roots_) whole += "include \"" + name + "\";\n";
  files->whole_ = std::make_unique<flatbuffers::Parser>(options());
  if (!parse(*files->whole_, whole, folder, folder + "/whole.fbs")) {
    return SchemaFinding{"not-a-schema", folder, files->whole_->error_};
  }
  files->whole_->Serialize();
  return files;
}

const reflection::Schema& SchemaFiles::schema() const {
  return *reflection::GetSchema(whole_->builder_.GetBufferPointer());
}

}  // namespace orderlog::codec
