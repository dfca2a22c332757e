"""The real binary under load, for the benchmarks: start, load, what must hold of its data afterwards."""
import json, os, re, shutil, signal, subprocess, sys, time, urllib.request

from results import BIN, bench

SKUS = 1_000
WARM_ORDERS = 5_000
CATCH_UP_SECONDS_MAX = 1_800


class Server:
    """`orderlog serve` with default settings on a directory of its own. Knows how many orders it has accepted."""

    started = []  # that were not stopped

    def __init__(self, work, name, *settings):
        self.data = os.path.join(work, name)
        self.settings = settings
        self.accepted = 0
        self.cancelled = 0
        self.next_order = 0
        os.makedirs(self.data, exist_ok=True)

    def start(self):
        """Seconds until it is ready."""
        begin = time.monotonic()
        self.launch()
        while True:
            try:
                urllib.request.urlopen(self.url + "/readyz").read()
                return time.monotonic() - begin
            except OSError:
                time.sleep(0.01)

    def launch(self):
        """Until it says where it listens."""
        address = os.path.join(self.data, "address")
        if os.path.exists(address):
            os.remove(address)
        log = os.path.join(self.data, "server.log")
        with open(log, "a") as errors:
            self.process = subprocess.Popen([BIN + "/orderlog", "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--address-file", address,
                                             *self.settings], stderr=errors)
        Server.started.append(self)
        while not os.path.exists(address):
            if self.process.poll() is not None:
                sys.exit("the server did not start: " + open(log).read())
            time.sleep(0.002)
        self.url = "http://" + open(address).read().strip()

    def prepare(self, skus=SKUS):
        subprocess.run([BIN + "/orderlog_bench", "prepare", self.url, str(skus)], check=True)
        return self

    def load(self, orders, **options):
        """New orders as bench/load.h says; its figures."""
        orders -= orders % options.get("batch", 1)
        said = bench("load", self.url, f"orders={orders}", f"first={self.next_order}", *(f"{name}={value}" for name, value in options.items()))
        self.next_order += orders
        self.accepted += said["accepted"]
        self.cancelled += said["cancelled"]
        return said

    def load_at(self, rate, seconds, **options):
        """Open loop: so many orders a second."""
        return self.load(max(1, int(rate * seconds)), rate=rate, **options)

    def pid(self):
        return self.process.pid

    def resident_bytes(self):
        with open(f"/proc/{self.pid()}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def written_bytes(self):
        """What the disk that its data are on has been sent, by whom ever. Not /proc/PID/io: that counts a whole large folio (2 MB) when one block
        of it is written, hundreds of times what reaches the disk."""
        device = os.stat(self.data).st_dev
        counters = f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat"
        if not os.path.exists(counters):
            sys.exit("the temporary directory (TMPDIR) is not on a block device whose bytes are counted")
        with open(counters) as f:
            return int(f.read().split()[6]) * 512  # sectors written (Documentation/block/stat.rst)

    def metrics(self):
        """By name, labels included."""
        page = urllib.request.urlopen(self.url + "/metrics").read().decode()
        return {name: float(value) for name, value in re.findall(r"^([a-z0-9_]+(?:\{[^}]*\})?) (\S+)$", page, re.M)}

    def metric(self, name):
        return self.metrics()[name]

    def report_total(self, query):
        return json.load(urllib.request.urlopen(f"{self.url}/v1/reports/{query}&limit=1"))["total"]

    def catch_up(self):
        """Until the read models have everything."""
        deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
        while self.metric("orderlog_projection_lag_events") > 0:
            if time.monotonic() > deadline:
                sys.exit(f"the read models have not caught up within {CATCH_UP_SECONDS_MAX} s")
            time.sleep(0.2)

    def check_orders(self, killed=False):
        """An order that was held, refused or left without stock is no placed order: the figures would be of something else. A server that was
        killed may have more orders than it could acknowledge."""
        deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
        while True:  # on several partitions stock follows in a commit of its own
            self.catch_up()
            placed, reserved = self.report_total("order_status?"), self.report_total("order_status?fulfilment=reserved")
            if placed == reserved + self.cancelled or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if placed != reserved + self.cancelled:
            sys.exit(f"of {placed} orders, {self.cancelled} of them cancelled, {reserved} have their stock reserved")
        if placed < self.accepted or (placed > self.accepted and not killed):
            sys.exit(f"{self.accepted} orders were acknowledged, {placed} are there")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        Server.started.remove(self)
        if self.process.wait() != 0:
            sys.exit("the server did not stop cleanly: " + open(os.path.join(self.data, "server.log")).read())

    def kill(self):
        self.process.kill()
        self.process.wait()
        Server.started.remove(self)

    @staticmethod
    def kill_running():
        for server in list(Server.started):
            server.kill()

    def verify(self):
        """Every commit of the log, and replay against live; the server is stopped."""
        said = subprocess.run([BIN + "/orderlog", "verify", "--data", self.data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if said.returncode != 0:
            sys.exit("orderlog verify: " + said.stdout)

    def finish(self):
        """All that must hold in the end; then its data are removed."""
        self.check_orders()
        self.stop()
        self.verify()
        self.remove()

    def copy(self, work, name):
        """A running, warm server on a copy of its data; this one is stopped."""
        other = Server(work, name, *self.settings)
        shutil.copytree(self.data, other.data, dirs_exist_ok=True)
        other.accepted, other.cancelled, other.next_order = self.accepted, self.cancelled, self.next_order
        other.start()
        other.load(WARM_ORDERS)
        return other

    def remove(self):
        shutil.rmtree(self.data, ignore_errors=True)


def running(work, name, *settings, skus=SKUS):
    """A new server with master data, warm."""
    server = Server(work, name, *settings)
    server.start()
    server.prepare(skus)
    server.load(WARM_ORDERS, skus=skus)
    return server
