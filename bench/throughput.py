"""How many orders are placed in a second, beside PostgreSQL: B1 to B4."""
import sys

import postgres, server as servers
from results import bench, pairs_of, row

BATCH = 64
BATCH_CONNECTIONS = 16  # as many as the server has batches at work (http.batches_max)


def against_postgres(name, what, goal, work, quick, theirs_of, **load):
    """ABAB of a load on the server and of a rate of PostgreSQL."""
    orders, seconds = (60_000, 3) if quick else (200_000, 10)
    theirs = postgres.Postgres(work, name.lower())
    server = servers.running(work, name.lower())
    pairs, probes, p99 = [], [], []
    for _ in pairs_of(quick):
        ours = server.load(orders, **load)
        probes.append(bench("probe", work))
        rate = theirs_of(theirs, seconds)
        pairs.append((ours["per_second"], rate))
        p99.append(ours["ack_p99_us"])
        print(f"  {name}: {ours['per_second']:.0f}/s (p50 {ours['ack_p50_us']} us, p99 {ours['ack_p99_us']} us) against {rate:.0f}/s", file=sys.stderr)
    theirs.stop()
    server.finish()
    return [row(name, what, "orders/s", goal, pairs, probes, ack_p99_us=sorted(p99)[len(p99) // 2])]


def b1(work, quick):
    return against_postgres("B1", "orders placed per second over HTTP, 64 connections / PostgreSQL 15 place(), best of 8, 32, 64 clients", 3.0, work, quick,
                            lambda pg, seconds: pg.best_rate(seconds), connections=64)


def b2(work, quick):
    return against_postgres("B2", "orders placed per second over HTTP, 256 connections / PostgreSQL 15 place(), best of 8, 32, 64 clients", 4.5, work, quick,
                            lambda pg, seconds: pg.best_rate(seconds), connections=256)


def b3(work, quick):
    return against_postgres("B3", f"orders placed per second, {BATCH} a request / PostgreSQL {postgres.BATCH} a transaction, best of 8, 32, 64 clients",
                            4.0, work, quick, lambda pg, seconds: pg.best_rate(seconds, postgres.BATCHES), connections=BATCH_CONNECTIONS, batch=BATCH)


def b4(work, quick):
    orders = 60_000 if quick else 200_000
    server = servers.running(work, "b4")
    pairs, probes = [], []
    for _ in pairs_of(quick):
        uniform = server.load(orders)["per_second"]
        hot = server.load(orders, skus=1)["per_second"]
        pairs.append((hot, uniform))
        probes.append(bench("probe", work))
    server.finish()
    own = row("B4", "orders placed per second, all on one SKU / spread over 1,000", "orders/s", 0.9, pairs, probes)
    return [own] + against_postgres("B4b", "orders placed per second, all on one SKU, 64 connections / PostgreSQL 15 place() on one SKU, 32 clients", 15.0,
                                    work, quick, lambda pg, seconds: pg.rate(32, seconds, postgres.HOT), connections=64, skus=1)


RUNNERS = {"B1": b1, "B2": b2, "B3": b3, "B4": b4}
