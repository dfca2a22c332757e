# shellcheck shell=bash
# shellcheck disable=SC2034  # variables for the scripts that source this
# The brokers of one directory, for `up`, `node` and `down`. Sourced, with `room` set.
# Must hold: 1. a process is signalled only while its command line names the properties file of that broker, so a
# pid that the system has given to another process is never hit; 2. a broker outlives the script that started it
# and holds none of its descriptors; 3. every wait is bounded.
#
#   DIR/cluster     version, number of brokers, first port, cluster id, secure: as shell assignments
#   DIR/bootstrap   127.0.0.1:PORT,…
#   DIR/N/          pid, port, server.properties, broker.log, data/ of broker N
#   DIR/client.conf, client.properties    what a client needs, for librdkafka and for Java; admin.* for who may do all

dir='' version='' brokers=0 port=0 cluster_id='' secure=no classpath=''
start_seconds_max=120
stop_seconds_max=30

fail() { echo "$*" >&2; exit 1; }

# Sets dir, version, brokers, port, cluster_id and secure from the directory.
load_cluster() {
  [[ -s $1/cluster ]] || fail "no brokers in $1; ops/kafka/up makes them"
  dir=$(cd "$1" && pwd)
  # shellcheck source=/dev/null
  . "$dir/cluster"
}

node_running() {
  local pid
  pid=$(cat "$dir/$1/pid" 2>/dev/null) || return 1
  grep -qzxF -- "$dir/$1/server.properties" "/proc/$pid/cmdline" 2>/dev/null
}

node_signal() {
  node_running "$2" || { echo "broker $2 is not running" >&2; return 1; }
  kill "-$1" "$(<"$dir/$2/pid")"
}

# Ends broker N by TERM or KILL, also if it is paused.
node_end() {
  node_signal "$1" "$2"
  kill -CONT "$(<"$dir/$2/pid")" 2>/dev/null || true
}

# Starts broker N, with $classpath, and returns at once; `node_await` follows.
node_launch() {
  local home=$dir/$1 heap
  read -ra heap <<<"${KAFKA_HEAP_OPTS:--Xms96m -Xmx320m}"
  echo "--- started $(date -u +%FT%TZ)" >>"$home/broker.log"
  stat -c %s "$home/broker.log" >"$home/log_offset"
  setsid java "${heap[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxDirectMemorySize=64m -Xss512k \
    -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
    -Dorg.slf4j.simpleLogger.showDateTime=true -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS \
    -cp "$classpath" kafka.Kafka "$home/server.properties" </dev/null >>"$home/broker.log" 2>&1 9>&- &
  echo $! >"$home/pid"
  until node_running "$1" || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
}

# Waits until broker N is registered with the controller and serves clients.
node_await() {
  local home=$dir/$1 since deadline=$((SECONDS + start_seconds_max))
  since=$(($(<"$home/log_offset") + 1))
  until grep -q 'Kafka Server started' < <(tail -c +"$since" "$home/broker.log"); do
    if ! node_running "$1" || ((SECONDS >= deadline)); then
      echo "broker $1 did not start; the end of $home/broker.log:" >&2
      tail -c +"$since" "$home/broker.log" | tail -n 15 >&2
      return 1
    fi
    sleep 0.05
  done
}

# Waits until broker N names every broker to clients: it learns of the others a little later.
node_await_peers() {
  local deadline=$((SECONDS + start_seconds_max))
  local address
  address=127.0.0.1:$(<"$dir/$1/port")
  until grep -q " $brokers brokers:" < <(kcat -L -m 2 -F "$dir/client.conf" -b "$address" 2>&1); do
    ((SECONDS < deadline)) || { echo "broker $1 does not see all $brokers brokers" >&2; return 1; }
    sleep 0.05
  done
}

# Waits until broker N has gone, for so many seconds.
node_await_end() {
  local deadline=$((SECONDS + $2))
  while node_running "$1"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}
