"""What the benchmarks run: installed and built."""
import os, subprocess

from results import ROOT

TARGETS = ("orderlog", "orderlog_bench", "orderlog_count", "orderlog-sim")


def build(with_kafka=False):
    subprocess.run([os.path.join(ROOT, "ops/install"), "bench", *(["kafka"] if with_kafka else [])], check=True)
    subprocess.run(["cmake", "--preset", "release", "-DORDERLOG_BUILD_BENCH=ON", "-DORDERLOG_BUILD_TESTS=ON"], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "build/release", "--target", *TARGETS], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
