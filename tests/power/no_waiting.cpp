// Two things of RocksDB that only cost time here stand still in the whole test program: the second
// that it sleeps after a flush that failed, as hundreds do, and the wish that compaction runs when
// no other wants the core (rocks_tables.h), for which each step would wait.
#include <sched.h>
#include <unistd.h>

extern "C" int usleep(useconds_t) { return 0; }
extern "C" int sched_setscheduler(pid_t, int, const sched_param*) noexcept { return 0; }
