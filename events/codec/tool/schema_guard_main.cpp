// orderlog-schema-guard SCHEMA_FOLDER RELEASED_FOLDER: run by the build before anything that uses
// the schema. Exit code 0: nothing found; 1: findings, one a line on stderr; 2: wrong arguments.
#include <cstdio>

#include "events/codec/guard/schema_guard.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: orderlog-schema-guard SCHEMA_FOLDER RELEASED_FOLDER\n");
    return 2;
  }
  const auto findings = orderlog::codec::guard_schema(argv[1], argv[2]);
  for (const auto& finding : findings) {
    std::fprintf(stderr, "schema: %s: %s: %s\n", finding.rule.c_str(), finding.where.c_str(),
                 finding.message.c_str());
  }
  return findings.empty() ? 0 : 1;
}
