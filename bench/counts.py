#!/usr/bin/env python3
"""What a placed order costs in instructions (callgrind) and heap allocations, against the record in counts.json: INSTR.

  bench/counts.py --check COUNT_BINARY     exits 1 when either is more than 5 % above the record
  bench/counts.py --record COUNT_BINARY    writes the record

Counts, not times: the same on a busy machine, so that it is one of the tests. Compiler and libraries are those of ops/install; others count
differently. A change that makes it cheaper should record that.
"""
import json, os, re, subprocess, sys, tempfile

RECORD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "counts.json")
ORDERS = 2_000  # and as many to warm up
GROWTH_MAX = 1.05
MEASURED = "orderlog::bench::measured(*"


def count(binary):
    """Of one order, in memory and on one thread (count.cpp)."""
    with tempfile.TemporaryDirectory(prefix="orderlog-count-") as directory:
        profile = os.path.join(directory, "callgrind.out")
        ran = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", f"--toggle-collect={MEASURED}", binary, "memory",
                              str(ORDERS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if ran.returncode != 0:
            sys.exit("callgrind: " + ran.stderr)
        with open(profile) as f:
            instructions = int(re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M).group(1))
        said = json.loads(ran.stdout)
    return {"instructions_per_order": round(instructions / ORDERS), "allocations_per_order": round(said["allocations"] / ORDERS, 1),
            "commands_per_order": round(said["commands"] / ORDERS, 2)}


def recorded():
    with open(RECORD) as f:
        return json.load(f)


def record(now):
    with open(RECORD, "w") as f:
        json.dump(now, f, indent=1)
        f.write("\n")


def grown(now, before):
    """What costs too much now, as sentences."""
    return [f"{name}: {now[name]:,} instead of {before[name]:,}; if that is meant, record it: bench/counts.py --record"
            for name in ("instructions_per_order", "allocations_per_order") if now[name] > before[name] * GROWTH_MAX]


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("--check", "--record"):
        sys.exit(__doc__)
    now = count(sys.argv[2])
    print(now)
    if sys.argv[1] == "--record":
        return record(now)
    problems = grown(now, recorded())
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
