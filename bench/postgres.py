"""PostgreSQL 15 doing the same work as placing an order, for comparison."""
import os, pwd, subprocess

PG_BIN = "/usr/lib/postgresql/15/bin"
PG_SKUS = 10_000
UNIFORM, HOT, BATCHES = "uniform", "hot", "batches"
BATCH = 64  # orders of a transaction


class Postgres:
    """A cluster of its own. One call an order: dedupe, stock, order, event."""

    started = []  # that were not stopped

    SCHEMA = """
    create table commands(id uuid primary key, answer bigint);
    create table stock(sku int primary key, quantity bigint not null check (quantity >= 0));
    create table orders(id bigserial primary key, sku int not null, quantity int not null, state text not null);
    create table events(seq bigserial primary key, stream bigint not null, version int not null, body bytea not null, unique(stream, version));
    insert into stock select i, 1000000000 from generate_series(1, %d) i;
    create function place(command uuid, which int, amount int) returns bigint language plpgsql as $$
    declare placed bigint; known bigint;
    begin
      select answer into known from commands where id = command;
      if found then return known; end if;
      update stock set quantity = quantity - amount where sku = which;
      insert into orders(sku, quantity, state) values (which, amount, 'reserved') returning id into placed;
      insert into events(stream, version, body) values (placed, 1, decode(repeat('ab', 256), 'hex'));
      insert into commands values (command, placed);
      return placed;
    end $$;
    -- In the order of their SKUs, or two transactions would wait for each other.
    create function place_many(orders int, skus int) returns bigint language plpgsql as $$
    declare which int; placed bigint;
    begin
      for which in select 1 + floor(random() * skus)::int as sku from generate_series(1, orders) order by sku loop
        placed := place(gen_random_uuid(), which, 1 + floor(random() * 9)::int);
      end loop;
      return placed;
    end $$;
    """ % PG_SKUS

    SCRIPTS = {
        UNIFORM: f"\\set sku random(1, {PG_SKUS})\n\\set amount random(1, 9)\nselect place(gen_random_uuid(), :sku, :amount);\n",
        HOT: "\\set amount random(1, 9)\nselect place(gen_random_uuid(), 1, :amount);\n",
        BATCHES: f"select place_many({BATCH}, {PG_SKUS});\n",
    }

    def __init__(self, work, name):
        self.directory = os.path.join(work, name + "-pg")
        os.makedirs(self.directory)
        self.as_user = []
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            os.chmod(work, 0o755)
            self.as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        self.data = os.path.join(self.directory, "data")
        self.run([PG_BIN + "/initdb", "-D", self.data, "-U", "bench", "--auth=trust", "-E", "UTF8"])
        with open(os.path.join(self.data, "postgresql.conf"), "a") as f:
            f.write("listen_addresses=''\nunix_socket_directories='%s'\nshared_buffers=512MB\nmax_connections=200\n"
                    "synchronous_commit=on\nmax_wal_size=4GB\ncheckpoint_timeout=30min\n" % self.directory)
        self.run([PG_BIN + "/pg_ctl", "-D", self.data, "-w", "-l", self.directory + "/log", "start"])
        Postgres.started.append(self)
        self.run(["psql", "-h", self.directory, "-U", "bench", "-d", "postgres", "-q", "-c", self.SCHEMA])

    def run(self, command):
        return subprocess.run(self.as_user + command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/").stdout

    def rate(self, clients, seconds, kind=UNIFORM):
        """Orders placed per second."""
        script = os.path.join(self.directory, kind + ".sql")
        with open(script, "w") as f:
            f.write(self.SCRIPTS[kind])
        os.chmod(script, 0o644)
        out = self.run([PG_BIN + "/pgbench", "-h", self.directory, "-U", "bench", "-n", "-M", "prepared", "-j", "2", "-c", str(clients),
                        "-T", str(seconds), "-f", script, "postgres"])
        transactions = next(float(line.split()[2]) for line in out.splitlines() if line.startswith("tps"))
        return transactions * (BATCH if kind == BATCHES else 1)

    def best_rate(self, seconds, kind=UNIFORM):
        """Of 8, 32 and 64 clients."""
        return max(self.rate(clients, seconds, kind) for clients in (8, 32, 64))

    def stop(self):
        Postgres.started.remove(self)
        self.run([PG_BIN + "/pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop"])

    @staticmethod
    def stop_running():
        for cluster in list(Postgres.started):
            cluster.stop()
