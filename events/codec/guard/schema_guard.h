// What may never happen to a schema once events were written with it, and the conventions that the
// engine relies on. `flatc --conform` lets through a removed table or trailing field, a rename, a
// new `required` and a changed file identifier; these rules do not.
#pragma once

#include <string>
#include <vector>

#include "events/codec/guard/schema_files.h"

namespace orderlog::codec {

// Rules: table-removed, struct-changed, field-removed, field-renamed, field-id-changed,
// field-type-changed, default-changed, optional-changed, required-added, marking-changed,
// deprecated-revived, enum-removed, enum-type-changed, member-removed, member-renamed,
// member-value-changed, member-type-changed, identifier-changed, root-changed, conform (what
// FlatBuffers' own comparison says).
std::vector<SchemaFinding> compare_schemas(const SchemaFiles& released, const SchemaFiles& current);

// Rules of the present schema by itself: explicit-id, command-id, wrapper, message-name,
// reserved-name, marking, no-float, plain-type, too-many-fields.
std::vector<SchemaFinding> lint_schema(const SchemaFiles& current);

// Both, against every folder <released>/<number>. A missing `released` folder has no releases.
std::vector<SchemaFinding> guard_schema(const std::string& current_folder,
                                        const std::string& released_folder);

// Numbers of the releases, ascending.
std::vector<int> list_releases(const std::string& released_folder);

}  // namespace orderlog::codec
