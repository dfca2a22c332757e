"""Latency under a load that does not wait for answers, from the time that each order was to be sent: B6, B11, B15, and the sweep of bench/plot.

Loads are shares of the server's own most, which is measured in the same turn: closed loop, 64 connections.
"""
import re, statistics, sys, time, urllib.request

import server as servers
from results import bench, pairs_of, row

# Enough that an order which is due finds a free connection: no order waits in the generator because others have no answer yet.
OPEN_LOOP = {"connections": 256}
# A client that does not stop for answers: as much as the server takes from its connections (http.requests_pipelined_max).
OVERLOAD = {"connections": 256, "outstanding": 256, "refusals": 1}
STALE_SAMPLES_PER_SECOND = 100


def most(server, quick):
    return server.load(20_000 if quick else 100_000, connections=64)["per_second"]


def rest(server):
    """What the last load left behind is not part of the next."""
    server.catch_up()
    time.sleep(0.5)


def tell(name, load, what):
    print(f"  {name}: {what}: {load['per_second']:.0f}/s accepted, p50 {load['ack_p50_us']} us, p99 {load['ack_p99_us']} us, "
          f"p99.9 {load['ack_p999_us']} us; sent late p99 {load['late_p99_us']} us; {load['refused']} refused", file=sys.stderr)


def b6(work, quick):
    seconds = 6 if quick else 20
    server = servers.running(work, "b6")
    pairs, probes, p999 = [], [], []
    for _ in pairs_of(quick):
        greatest = most(server, quick)
        rest(server)
        half = server.load_at(greatest / 2, seconds, **OPEN_LOOP)
        probes.append(bench("probe", work))
        tell("B6", half, f"50 % of {greatest:.0f}/s")
        pairs.append((half["ack_p99_us"], probes[-1]["fdatasync_p99_us"]))
        p999.append(half["ack_p999_us"])
    server.finish()
    return [row("B6", "acknowledgement p99 at 50 % of the own most, open loop, from the intended time / fdatasync p99 of 512 bytes", "us", 8.0, pairs, probes,
                ack_p999_us=statistics.median(p999))]


def sync_buckets(server):
    """How many synced writes took at most so many µs, by that bound; since the start."""
    page = urllib.request.urlopen(server.url + "/metrics").read().decode()
    return {float(bound) * 1e6: float(count) for bound, count in re.findall(r'^orderlog_log_sync_seconds_bucket\{le="([^"]+)"\} (\S+)$', page, re.M)}


def sync_p50_us(before, after):
    """Of the writes in between; linear within the bucket, as histogram_quantile has it."""
    bounds = sorted(after)
    counts = [after[bound] - before[bound] for bound in bounds]
    wanted, lower, below = counts[-1] / 2, 0.0, 0.0
    for bound, count in zip(bounds, counts):
        if count >= wanted:
            return lower if count == below else lower + (bound - lower) * (wanted - below) / (count - below)
        lower, below = bound, count
    sys.exit("no synced writes")


def b11(work, quick):
    seconds = 6 if quick else 20
    server = servers.running(work, "b11")
    pairs, probes, p50 = [], [], []
    for _ in pairs_of(quick):
        greatest = most(server, quick)
        rest(server)
        before = sync_buckets(server)
        half = server.load_at(greatest / 2, seconds, stale=STALE_SAMPLES_PER_SECOND, **OPEN_LOOP)
        commit = sync_p50_us(before, sync_buckets(server))
        probes.append(bench("probe", work))
        tell("B11", half, f"50 % of {greatest:.0f}/s")
        print(f"  B11: readable after p50 {half['stale_p50_us']} us, p99 {half['stale_p99_us']} us, at most {half['stale_max_us']} us of "
              f"{half['stale_samples']} samples; synced writes p50 {commit:.0f} us", file=sys.stderr)
        if half["stale_unanswered"] > 0:
            sys.exit(f"{half['stale_unanswered']} orders could not be read back")
        pairs.append((half["stale_p99_us"], commit))
        p50.append(half["stale_p50_us"])
    server.finish()
    return [row("B11", "p99 from an order's acknowledgement until it can be read, at 50 % of the own most, one read included / p50 of a synced group of commits",
                "us", 10.0, pairs, probes, stale_p50_us=statistics.median(p50))]


def b15(work, quick):
    seconds = 5 if quick else 20
    server = servers.running(work, "b15")
    goodput, p99, probes, refused = [], [], [], []
    for _ in pairs_of(quick):
        greatest = most(server, quick)
        rest(server)
        near = server.load_at(greatest * 0.9, seconds, **OPEN_LOOP)
        rest(server)
        over = server.load_at(greatest * 2, seconds, **OVERLOAD)
        probes.append(bench("probe", work))
        tell("B15", near, f"90 % of {greatest:.0f}/s")
        tell("B15", over, "200 %")
        goodput.append((over["per_second"], greatest))
        p99.append((over["ack_p99_us"], near["ack_p99_us"]))
        refused.append(over["refused"] / over["sent"])
        rest(server)
    server.finish()
    share = round(statistics.median(refused), 3)
    return [row("B15", "orders accepted per second when twice the own most is offered, open loop / the own most", "orders/s", 0.85, goodput, probes,
                refused_share=share),
            row("B15b", "acknowledgement p99 of what is accepted then / p99 at 90 % of the own most", "us", 3.0, p99, probes)]


def sweep(work, quick):
    """What bench/plot draws: throughput and latency at rising shares of the own most."""
    seconds = 5 if quick else 15
    server = servers.running(work, "sweep")
    greatest = statistics.median(most(server, quick) for _ in range(3))
    points = []
    for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2):
        rest(server)
        said = server.load_at(greatest * share, seconds, **OVERLOAD)
        probe = bench("probe", work)
        tell("SWEEP", said, f"{share:.0%} of {greatest:.0f}/s")
        points.append({"offered_per_second": round(greatest * share), "accepted_per_second": round(said["per_second"]),
                       "refused": said["refused"], "ack_p50_us": said["ack_p50_us"], "ack_p99_us": said["ack_p99_us"], **probe})
    server.finish()
    return {"closed_loop_most_per_second": round(greatest), "seconds_of_a_point": seconds, "points": points}


RUNNERS = {"B6": b6, "B11": b11, "B15": b15}
