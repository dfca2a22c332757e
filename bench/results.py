"""How a benchmark is run and what it says: orderlog_bench's JSON, rows of results, the table."""
import json, os, statistics, subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, "build/release/bin")
PAIRS, PAIRS_QUICK = 5, 3


def pairs_of(quick):
    return range(PAIRS_QUICK if quick else PAIRS)


def bench_rows(*arguments):
    """Each line that orderlog_bench prints, as a dictionary."""
    out = subprocess.run([BIN + "/orderlog_bench", *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def bench(*arguments):
    return bench_rows(*arguments)[-1]


def row(name, what, unit, goal, pairs, probe, **further):
    """`pairs`: numerator and denominator of each turn; `probe`: of fdatasync, one, or one of each turn."""
    probes = probe if isinstance(probe, list) else [probe]
    ratios = [a / b for a, b in pairs]
    return {"id": name, "what": what, "numerator": round(statistics.median(a for a, _ in pairs), 1),
            "denominator": round(statistics.median(b for _, b in pairs), 1), "unit": unit, "ratio": round(statistics.median(ratios), 3),
            "goal": goal, "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "fdatasync_p50_us": statistics.median(p["fdatasync_p50_us"] for p in probes),
            "fdatasync_p99_us": statistics.median(p["fdatasync_p99_us"] for p in probes), **further}


def print_table(results):
    print(f"{'':10} {'numerator':>14} {'denominator':>14} {'ratio':>8} {'goal':>6}  {'spread':15} what")
    for r in results:
        goal = "-" if r["goal"] is None else f"{r['goal']:.2f}"
        sides = " ".join(f"{side:14,.0f}" if side >= 100 else f"{side:14,.1f}" for side in (r["numerator"], r["denominator"]))
        print(f"{r['id']:10} {sides} {r['ratio']:8.3f} {goal:>6}  "
              f"{r['spread'][0]:.3f}-{r['spread'][1]:.3f}     {r['what']}")
