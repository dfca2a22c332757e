"""What a server needs as time passes and work piles up: B16, B18, MEM, GROW."""
import json, os, statistics, subprocess, sys, time

import server as servers
from latency import OPEN_LOOP, most, rest, tell
from results import BIN, bench, pairs_of, row

RSS_GROWTH_GOAL = 1.01
OPEN_ORDERS = 50_000  # of a company whose work neither grows nor shrinks
GROWTH = (10_000, 100_000, 1_000_000, 5_000_000)  # orders in the store; --quick: the first two
GROWTH_QUICK = GROWTH[:2]
GROWTH_COPIED_BELOW = 1_000_000  # orders: the loads would make such a store another one


def b16(work, quick):
    """Written in the background too: one stretch, after as long a one that fills caches, levels and memtables. What is resident before and after it
    is B18b: beside each order an earlier one is cancelled, or the engine would have ever more open ones to remember."""
    seconds = 15 if quick else 600
    server = servers.running(work, "b16")
    rate = statistics.median(most(server, quick) for _ in range(3)) / 4
    rest(server)
    company = {"open": min(OPEN_ORDERS, int(rate * seconds / 2)), "open_from": server.next_order, **OPEN_LOOP}
    server.load_at(rate, seconds, **company)
    rest(server)
    resident = server.resident_bytes()
    pairs, probes = [], []
    for _ in pairs_of(quick):
        written, events = server.written_bytes(), server.metric("orderlog_log_bytes_total")
        tell("B16", server.load_at(rate, seconds / len(pairs_of(quick)), **company), f"{rate:.0f}/s, as many cancelled")
        probes.append(bench("probe", work))
        pairs.append((server.written_bytes() - written, server.metric("orderlog_log_bytes_total") - events))
    rest(server)
    grown = (server.resident_bytes(), resident)
    server.finish()
    total = sum(a for a, _ in pairs) / sum(b for _, b in pairs)
    return [row("B16", f"bytes that the disk is sent at 25 % of the own most and as many cancellations, log, state and read models / bytes of the commits; {seconds} s",
                "bytes", 4.0, pairs, probes, ratio_of_all=round(total, 3)),
            row("B18b", f"resident set after {seconds} s of the same / before, after as long a warm-up", "bytes", RSS_GROWTH_GOAL, [grown],
                probes)]


def allocations(work, quick):
    """On the engine's thread, with the embedded log; see count.cpp."""
    orders, directory = (5_000 if quick else 20_000), os.path.join(work, "allocations")
    out = subprocess.run([BIN + "/orderlog_count", "embedded", str(orders), directory], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(out)


def b18(work, quick):
    probe = bench("probe", work)
    counted = allocations(work, quick)
    print(f"  B18: {counted['allocations'] / counted['orders']:.1f} allocations an order of {counted['commands'] / counted['orders']:.0f} commands on the engine's "
          f"thread, {counted['allocations_of_all_threads'] / counted['orders']:.1f} on all", file=sys.stderr)
    return [row("B18", "heap allocations of the engine's thread after warm-up, embedded log / commands, those that follow from others included",
                "allocations", 0.0, [(counted["allocations"], counted["commands"])], probe, per_order=round(counted["allocations"] / counted["orders"], 1),
                per_order_all_threads=round(counted["allocations_of_all_threads"] / counted["orders"], 1))]


def memory(work, quick):
    orders = 100_000 if quick else 1_000_000
    probe = bench("probe", work)
    server = servers.Server(work, "mem")
    server.start()
    server.prepare()
    peak = 0
    while server.next_order < orders:
        server.load(50_000)
        peak = max(peak, server.resident_bytes())
    while server.metric("orderlog_projection_lag_events") > 0:
        peak = max(peak, server.resident_bytes())
        time.sleep(0.2)
    server.check_orders()
    server.stop()
    ready = server.start()
    server.finish()
    print(f"  MEM: {orders} orders, resident at most {peak / 2**20:.0f} MiB, restart to ready {ready:.2f} s", file=sys.stderr)
    return [row("MEM", f"resident set after {orders} orders / 1.5 GiB; restart to ready took {ready:.2f} s (limit 10 s)", "bytes", 1.0,
                [(peak, 1.5 * 2**30)], probe, restart_seconds=round(ready, 2))]


def directory_bytes(path):
    return sum(os.lstat(os.path.join(at, name)).st_blocks * 512 for at, _, names in os.walk(path) for name in names)


def growth(work, quick):
    """The same loads on a store that grows: each figure is beside that of the smallest store. Small ones are copied for each load, so that
    they stay small; the loads are as long as those of the large, with the compaction and the read models that belong to them."""
    sizes = GROWTH_QUICK if quick else GROWTH
    load, seconds = 50_000, 3 if quick else 10
    server = servers.Server(work, "grow")
    server.start()
    server.prepare()
    rows, first = [], []
    for size in sizes:
        server.load(max(1, size - server.next_order))
        server.check_orders()
        copied, resident = size < GROWTH_COPIED_BELOW, []
        if copied:
            server.stop()

        def measured(take):
            taken = []
            for _ in pairs_of(quick):
                one = server.copy(work, "grow-copy") if copied else server
                taken.append(take(one))
                rest(one)
                resident.append(one.resident_bytes())
                if copied:
                    one.finish()
            return taken

        rates = measured(lambda one: one.load(load)["per_second"])
        half = statistics.median(first or rates) / 2  # the same for every size
        tails = measured(lambda one: one.load_at(half, seconds, **OPEN_LOOP)["ack_p99_us"])
        probes = [bench("probe", work) for _ in pairs_of(quick)]
        first = first or rates
        if not copied:
            server.check_orders()
            server.stop()
        ready = server.start()
        print(f"  GROW: {size} orders: {statistics.median(rates):.0f}/s, p99 {statistics.median(tails):.0f} us, resident {max(resident) / 2**20:.0f} MiB, "
              f"restart {ready:.2f} s, on disk {directory_bytes(server.data) / 2**20:.0f} MiB", file=sys.stderr)
        label = f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1_000}K"
        rows.append(row("GROW" + label, f"orders placed per second with {size} orders in the store / with {sizes[0]}", "orders/s", None,
                        list(zip(rates, first)), probes, ack_p99_us=statistics.median(tails), resident_bytes=max(resident), restart_seconds=round(ready, 2),
                        disk_bytes=directory_bytes(server.data), orders_at_the_end=server.next_order))
    server.finish()
    return rows


RUNNERS = {"B16": b16, "B18": b18, "MEM": memory, "GROW": growth}
