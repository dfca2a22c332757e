"""The benchmarks of the Kafka mode, for bench/run: one broker of ops/kafka on loopback, in a directory that goes with it."""
import http.client, os, re, signal, statistics, subprocess, sys, threading, time, urllib.request

from results import BIN, PAIRS, ROOT, bench, bench_rows, row

NAMES = ("B13", "TX", "E2E", "LAG", "HANDOVER")
SESSION_MS = 2_000
E2E_RATE, LAG_RATE = 100, 1_000  # orders per second
HANDOVER_GOAL_MS = 3_000
READY_SECONDS_MAX = 60


class Broker:
    def __init__(self, work):
        self.directory = os.path.join(work, "kafka")
        log = os.path.join(work, "broker.log")
        # Its output to a file: the broker would hold a pipe open.
        with open(log, "w") as out:
            if subprocess.run([ROOT + "/ops/kafka/up", "--dir", self.directory], stdout=out, stderr=out).returncode != 0:
                sys.exit("no broker: " + open(log).read())
        with open(os.path.join(self.directory, "bootstrap")) as f:
            self.bootstrap = f.read().strip()

    def down(self):
        subprocess.run([ROOT + "/ops/kafka/down", "--dir", self.directory, "--wipe"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Installation:
    """Topics of its own with one partition, and nodes of the real binary."""

    def __init__(self, broker, work, name):
        self.directory = os.path.join(work, name)
        os.makedirs(self.directory)
        self.name = name
        self.bootstrap = broker.bootstrap
        self.commands, self.events = f"{name}.commands", f"{name}.events"
        self.config = self.configuration("node")
        subprocess.run([BIN + "/orderlog", "topics", "apply", "--config", self.config], check=True, stdout=subprocess.DEVNULL)

    def configuration(self, node):
        path = os.path.join(self.directory, node + ".toml")
        with open(path, "w") as f:
            f.write(f"""[log]
partitions = 1
[kafka]
bootstrap_servers = "{self.bootstrap}"
environment = "{self.name}"
events_topic = "{self.events}"
commands_topic = "{self.commands}"
alerts_topic = "{self.name}.alerts"
replication_factor = 1
min_insync_replicas = 1
group_session_timeout_ms = {SESSION_MS}
node_id = "{node}"
""")
        return path

    def node(self, name):
        return Node(self, name)


class Node:
    running = []

    def __init__(self, installation, name):
        self.data = os.path.join(installation.directory, name)
        os.makedirs(self.data)
        self.config = installation.configuration(name)
        self.listen = "127.0.0.1:0"

    def start(self):
        address = os.path.join(self.data, "address")
        if os.path.exists(address):
            os.remove(address)
        self.log = os.path.join(self.data, "server.log")
        self.process = subprocess.Popen(
            [BIN + "/orderlog", "serve", "--data", self.data, "--config", self.config, "--listen", self.listen, "--address-file", address],
            stderr=open(self.log, "a"))
        Node.running.append(self)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not self.ready(address):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit("a node did not get ready: " + open(self.log).read())
            time.sleep(0.02)
        self.listen = self.url.removeprefix("http://")  # again there, where the others know it

    def ready(self, address):
        if not os.path.exists(address):
            return False
        with open(address) as f:
            self.url = "http://" + f.read().strip()
        try:
            return urllib.request.urlopen(self.url + "/readyz", timeout=5).status == 200
        except OSError:
            return False

    def metric(self, name):
        """The sum over its labels; none: 0."""
        page = urllib.request.urlopen(self.url + "/metrics", timeout=10).read().decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", page, re.M))

    def kill(self):
        self.process.kill()
        self.process.wait()
        Node.running.remove(self)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        Node.running.remove(self)


def prepare(node):
    subprocess.run([BIN + "/orderlog_bench", "prepare", node.url, "1000"], check=True)


def b13(broker, work, quick, _):
    installation = Installation(broker, work, "b13")
    return bench_rows("b13", installation.config, installation.directory, *(["quick"] if quick else []))


def transactions(broker, work, quick, _):
    installation = Installation(broker, work, "tx")
    return bench_rows("transactions", installation.config, installation.directory, *(["quick"] if quick else []))


def end_to_end(broker, work, quick, probe):
    installation = Installation(broker, work, "e2e")
    node = installation.node("node-1")
    node.start()
    prepare(node)
    # A topic that nobody works on: what Kafka alone takes from the sender to a consumer.
    bare = Installation(broker, work, "bare").commands
    seconds = 5 if quick else 20
    pairs, p99, bare_p99 = [], [], []
    for pair in range(-1, 3 if quick else PAIRS):  # the first warms both
        first = 1 + (pair + 1) * seconds * E2E_RATE
        ours = bench("roundtrip", installation.config, installation.commands, installation.events, E2E_RATE, seconds, first)
        alone = bench("roundtrip", installation.config, bare, bare, E2E_RATE, seconds, first)
        for side in (ours, alone):
            if side["seen"] != side["sent"]:
                sys.exit(f"of {side['sent']} orders only {side['seen']} were seen")
        print(f"  E2E: p50 {ours['p50_us']} us, p99 {ours['p99_us']} us; Kafka alone p50 {alone['p50_us']} us, p99 {alone['p99_us']} us", file=sys.stderr)
        if pair >= 0:
            pairs.append((ours["p50_us"], alone["p50_us"]))
            p99.append(ours["p99_us"])
            bare_p99.append(alone["p99_us"])
    node.stop()
    return [row("E2E", f"p50 from an order on the inbox topic to its event at a read_committed consumer, {E2E_RATE} orders/s / a record's way "
                "over a topic without orderlog", "us", None, pairs, probe, p99_us=statistics.median(p99),
                denominator_p99_us=statistics.median(bare_p99))]


def lag(broker, work, quick, probe):
    installation = Installation(broker, work, "lag")
    node = installation.node("node-1")
    node.start()
    prepare(node)
    seconds = 10 if quick else 30
    samples, sending = [], threading.Event()
    load = threading.Thread(target=lambda: (bench("roundtrip", installation.config, installation.commands, installation.commands, LAG_RATE,
                                                  seconds, 1), sending.set()))
    load.start()
    while not sending.is_set():
        samples.append((node.metric("kafka_consumergroup_lag"), node.metric("kafka_consumergroup_group_lag_seconds")))
        time.sleep(0.05)
    load.join()
    begin = time.monotonic()
    while node.metric("kafka_consumergroup_lag") > 0:
        if time.monotonic() - begin > READY_SECONDS_MAX:
            sys.exit("the inbox does not drain")
        time.sleep(0.01)
    drain = time.monotonic() - begin
    accepted, final = node.metric("orderlog_inbox_accepted_total"), node.metric("kafka_consumergroup_lag")
    if accepted != LAG_RATE * seconds:
        sys.exit(f"of {LAG_RATE * seconds} orders {accepted:.0f} were accepted")
    node.stop()
    greatest = max(records for records, _ in samples)
    print(f"  LAG: {LAG_RATE} orders/s for {seconds} s: at most {greatest:.0f} records, {max(age for _, age in samples):.2f} s; drained in {drain:.2f} s",
          file=sys.stderr)
    return [row("LAG", f"greatest lag of the inbox under {LAG_RATE} orders/s for {seconds} s / orders of one second; final lag {final:.0f}, drained "
                f"in {drain:.2f} s after the last was sent", "orders", None, [(greatest, LAG_RATE)], probe, final=final,
                drain_seconds=round(drain, 3), greatest_seconds=round(max(age for _, age in samples), 3),
                median=statistics.median(records for records, _ in samples))]


def acknowledged(node, key):
    """Whether the node answers a new command with 200."""
    host, port = node.listen.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=1)
    try:
        connection.request("POST", "/v1/commands/ReceiveStock", '{"stock_item_id":"SKU@MAIN","quantity":{"milli":1000}}',
                           {"Content-Type": "application/json", "Idempotency-Key": key})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def settled(nodes):
    """The one that leads, when that has been the same for a while."""
    since, leader = time.monotonic(), None
    while leader is None or time.monotonic() - since < 1.0:
        leading = [node for node in nodes if node.metric("orderlog_partitions_leading") == 1 and node.metric("orderlog_partitions_wanted") == 1]
        now = leading[0] if len(leading) == 1 else None
        if now is not leader:
            since, leader = time.monotonic(), now
        time.sleep(0.05)
    return leader


def handover(broker, work, quick, probe):
    installation = Installation(broker, work, "handover")
    nodes = [installation.node("node-1"), installation.node("node-2")]
    for node in nodes:
        node.start()
    taken, claims = [], []
    for round_number in range(3 if quick else 10):
        leader = settled(nodes)
        standby = nodes[1 - nodes.index(leader)]
        if not acknowledged(standby, f"before-{round_number}"):
            sys.exit("the standby does not forward")
        begin = time.monotonic()
        leader.kill()
        attempt = 0
        while not acknowledged(standby, f"{round_number}-{attempt}"):
            attempt += 1
            if time.monotonic() - begin > READY_SECONDS_MAX:
                sys.exit("nobody took over: " + open(standby.log).read())
            time.sleep(0.005)
        taken.append((time.monotonic() - begin) * 1e3)
        claims.append(int(re.findall(r"leads partition 0, (\d+) ms after", open(standby.log).read())[-1]))
        print(f"  HANDOVER: {taken[-1]:.0f} ms, the claim {claims[-1]} ms of them", file=sys.stderr)
        leader.start()
    for node in nodes:
        node.stop()
    worst = max(taken)
    return [row("HANDOVER", f"greatest time of {len(taken)} from kill -9 of the leading node to the first acknowledgement by a warm standby, session "
                f"{SESSION_MS} ms, one broker / {HANDOVER_GOAL_MS} ms", "ms", 1.0, [(worst, HANDOVER_GOAL_MS)], probe,
                p50_ms=round(statistics.median(taken)), claim_p50_ms=statistics.median(claims), claim_max_ms=max(claims), all_ms=[round(t) for t in taken])]


RUNNERS = {"B13": b13, "TX": transactions, "E2E": end_to_end, "LAG": lag, "HANDOVER": handover}


def run(names, work, quick, probe):
    """The rows of these benchmarks, in their order."""
    work = os.path.join(work, "kafka-mode")
    os.makedirs(work)
    broker = Broker(work)
    try:
        return [one for name in names for one in RUNNERS[name](broker, work, quick, probe)]
    finally:
        for node in list(Node.running):
            node.kill()
        broker.down()
