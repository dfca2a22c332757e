"""How quickly a log becomes state, read models and answers again: B8's second half, B9, B10."""
import http.client, os, re, shutil, subprocess, sys, threading, time

import server as servers
from results import bench, pairs_of, row

FIRST_ACKNOWLEDGEMENT_SECONDS_MAX = 60
FILL_KEYS = 1_000_000
ORDERS_WITHOUT_END = 10_000_000  # more than are placed before the kill


def filled(work, name, orders, *settings):
    """A server's data after so many orders, checked and stopped."""
    server = servers.running(work, name, *settings)
    server.load(orders)
    server.check_orders()
    server.stop()
    server.verify()
    return server


def b8b(work, quick):
    server = filled(work, "b8b", 40_000 if quick else 200_000, "--partitions", "2")
    pairs, probes = [], []
    for _ in pairs_of(quick):
        both = bench("replay", server.data, 2)["per_second"]
        one = bench("replay", server.data, 1)["per_second"]
        pairs.append((both, one))
        probes.append(bench("probe", work))
    server.remove()
    return [row("B8b", "replay from zero of two partitions into memory, on two threads / on one", "events/s", 1.5, pairs, probes)]


def first_acknowledgement(server, key):
    """Seconds from the start of the process to the first order that it acknowledges."""
    begin = time.monotonic()
    server.launch()
    host, port = server.url.removeprefix("http://").split(":")
    while time.monotonic() - begin < FIRST_ACKNOWLEDGEMENT_SECONDS_MAX:
        connection = http.client.HTTPConnection(host, int(port), timeout=FIRST_ACKNOWLEDGEMENT_SECONDS_MAX)
        try:
            connection.request("POST", "/v1/commands/ReceiveStock", '{"stock_item_id":"SKU-0@MAIN","quantity":{"milli":1000}}',
                               {"Content-Type": "application/json", "Idempotency-Key": key})
            if connection.getresponse().status == 200:
                return time.monotonic() - begin
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.002)
    sys.exit("the server does not come back")


def b9(work, quick):
    server = servers.running(work, "b9")
    pairs, probes, tails = [], [], []
    for turn in pairs_of(quick):
        said = []
        load = threading.Thread(target=lambda: said.append(server.load(ORDERS_WITHOUT_END, kill=1)))
        load.start()
        time.sleep(4 if quick else 10)
        server.kill()
        load.join()
        if not said:
            sys.exit("the load did not survive the server")
        # What opening costs by itself, on a copy in the same condition.
        copy = server.data + "-copy"
        shutil.copytree(server.data, copy)
        opening = bench("open", copy)["seconds"]
        shutil.rmtree(copy)
        taken = first_acknowledgement(server, f"after-{turn}")
        tail = server.metric("orderlog_recovery_replayed_events")
        server.check_orders(killed=True)
        server.stop()
        replay = bench("replay", server.data, 1)["per_second"]
        probes.append(bench("probe", work))
        print(f"  B9: {taken * 1e3:.0f} ms to the first acknowledgement; opening {opening * 1e3:.0f} ms, {tail:.0f} events at {replay:.0f}/s", file=sys.stderr)
        pairs.append((taken * 1e3, (opening + tail / replay) * 1e3))
        tails.append(tail)
        server.start()
    server.check_orders(killed=True)
    server.stop()
    server.verify()
    server.remove()
    return [row("B9", "kill -9 under load: from the start to the first acknowledgement / opening the stores + replaying the tail at the rate of a replay from zero",
                "ms", 1.5, pairs, probes, tail_events=sorted(tails)[len(tails) // 2])]


def fill_random(work):
    """Keys a second that RocksDB takes without its write-ahead log, in no order: db_bench's defaults (16 and 100 bytes)."""
    directory = os.path.join(work, "db_bench")
    out = subprocess.run(["db_bench", "--benchmarks=fillrandom", "--disable_wal=true", f"--num={FILL_KEYS}", f"--db={directory}"], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    shutil.rmtree(directory)
    return float(re.search(r"^fillrandom\s*:.*?(\d+) ops/sec", out, re.M).group(1))


def b10(work, quick):
    server = filled(work, "b10", 40_000 if quick else 200_000)
    against_replay, against_fill, probes, rows = [], [], [], set()
    for _ in pairs_of(quick):
        rebuilt = bench("rebuild", server.data, os.path.join(work, "b10-rebuilt"))
        replayed = bench("replay", server.data, 1)
        fill = fill_random(work)
        probes.append(bench("probe", work))
        rows.add(rebuilt["rows"])
        print(f"  B10: {rebuilt['per_second']:.0f} events/s rebuilt, {replayed['per_second']:.0f} replayed; db_bench {fill:.0f} keys/s", file=sys.stderr)
        against_replay.append((rebuilt["per_second"], replayed["per_second"]))
        against_fill.append((rebuilt["per_second"], fill))
    if len(rows) != 1:
        sys.exit("two rebuilds gave different rows")
    server.remove()
    return [row("B10", "all read models built anew from the log / replay from zero into memory", "events/s", 0.5, against_replay, probes),
            row("B10b", "all read models built anew, on RocksDB / db_bench fillrandom without a write-ahead log, keys", "1/s", 2.0, against_fill, probes)]


RUNNERS = {"B8b": b8b, "B9": b9, "B10": b10}
