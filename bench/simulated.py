"""orderlog-sim's own report: B17. Whether it catches planted bugs is a test (tests/simulation)."""
import re, subprocess, sys

from results import BIN, bench, row

COMMANDS_PER_SECOND_GOAL = 10_000


def b17(work, quick):
    probe = bench("probe", work)
    turns = 3 if quick else 5
    seeds = 40 if quick else 200
    time_pairs, rates = [], []
    for turn in range(turns):
        ran = subprocess.run([BIN + "/orderlog-sim", "--seeds", f"{1 + turn * seeds}..{(turn + 1) * seeds}"], stdout=subprocess.PIPE, text=True)
        last = ran.stdout.strip().splitlines()[-1]
        found = re.search(r"(\d+) simulated seconds in ([\d.]+) .* (\d+) commands checked a second", last)
        if ran.returncode != 0 or not found:
            sys.exit("orderlog-sim: " + ran.stdout)
        time_pairs.append((float(found.group(1)), float(found.group(2))))
        rates.append((float(found.group(3)), COMMANDS_PER_SECOND_GOAL))
    return [row("B17", f"seconds simulated under faults, {seeds} seeds a turn / seconds taken, one core", "s", 10.0, time_pairs, probe),
            row("B17b", f"commands simulated and checked per second, one core / {COMMANDS_PER_SECOND_GOAL:,}", "commands/s", 1.0, rates, probe)]


RUNNERS = {"B17": b17}
