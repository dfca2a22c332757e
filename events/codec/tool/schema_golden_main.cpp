// orderlog-schema-golden CORPUS_FOLDER RELEASED_FOLDER: adds the golden files that are missing.
// Before the first release it starts over, since nothing depends on the old ones yet.
#include <cstdio>

#include "events/codec/golden.h"
#include "events/codec/guard/schema_guard.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: orderlog-schema-golden CORPUS_FOLDER RELEASED_FOLDER\n");
    return 2;
  }
  const bool start_over = orderlog::codec::list_releases(argv[2]).empty();
  const auto written = orderlog::codec::write_golden(argv[1], start_over);
  if (!written.ok()) {
    std::fprintf(stderr, "orderlog-schema-golden: %s\n", to_string(written.error()).c_str());
    return 1;
  }
  std::printf("%s: %d files written\n", argv[1], *written);
  return 0;
}
