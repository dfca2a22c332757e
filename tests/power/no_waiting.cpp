// After a flush that failed RocksDB sleeps for a second before it goes on; not here, where hundreds
// of flushes fail. Stands in for usleep in the whole test program.
#include <unistd.h>

extern "C" int usleep(useconds_t) { return 0; }
