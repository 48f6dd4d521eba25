"""`bench/run`: makes the data, measures, prints the tables."""

import argparse
import datetime
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from . import data, limits, machine, report, web
from .load import OWN, SCENARIOS, Work, drive
from .postgres import Cluster
from .servers import ClinicHub, Fastify, Flask, probe

RESULTS = Path(__file__).parent.parent / "results"


def arguments():
    parser = argparse.ArgumentParser(prog="cargo xtask bench", description="Measures ClinicHub beside the databases alone and beside two other stacks.")
    parser.add_argument("--large", action="store_true", help="ten times the data")
    parser.add_argument("--seconds", type=int, default=5, help="how long each scenario runs on each server in each round [5]")
    parser.add_argument("--rounds", type=int, default=5, help="how often; medians are told [5]")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}; may be given again")
    parser.add_argument("--skip-peers", action="store_true", help="ClinicHub alone")
    parser.add_argument("--web", action="store_true", help="the screens in a browser, on the large data set, and nothing else")
    parser.add_argument("--standard", action="store_true", help="with --web: on the standard data set")
    parser.add_argument("--save", action="store_true", help="write the tables to bench/results/")
    return parser.parse_args()


def main():
    wanted = arguments()
    program = os.environ.get("CLINICHUB_BIN")
    if not program or not os.access(program, os.X_OK):
        raise SystemExit("CLINICHUB_BIN must name the program; `cargo xtask bench` builds it and says so")
    if wanted.web:
        return screens(wanted, Path(program).absolute())
    machine.need("wrk", "psql", "pgbench", *(() if wanted.skip_peers else ("node", "npm")))
    # What was started ends in `finally`, also when somebody has enough.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Not below our own folders: PostgreSQL's account must be able to reach it. And on a disk, not in memory: commits are to cost what they cost.
    folder = Path(tempfile.mkdtemp(prefix="clinichub-bench-", dir="/var/tmp"))
    folder.chmod(0o711)
    cluster = Cluster(folder / "postgres")
    try:
        cluster.start()
        text = measure(wanted, Path(program).absolute(), folder, cluster)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    return 0


def screens(wanted, program):
    """The browser's part; the data goes with it."""
    machine.need("node")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="clinichub-bench-", dir="/var/tmp"))
    try:
        text = web.measure(program, folder, data.Size(not wanted.standard), max(wanted.rounds, 11), say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if wanted.save:
        (RESULTS / "web.md").write_text(text)
    print(text)
    return 0


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def measure(wanted, program, folder, cluster):
    size = data.Size(wanted.large)
    servers = [ClinicHub(program, folder), ClinicHub(program, folder, cluster)]
    if not wanted.skip_peers:
        servers += [Fastify(folder, cluster), Flask(folder, cluster)]
        for peer in servers[2:]:
            peer.prepare()
    fill(servers, size, cluster)
    results, scenarios = report.Results(), [scenario for scenario in SCENARIOS if scenario in (wanted.only or SCENARIOS)]
    head = described(wanted, size, cluster, scenarios)
    say(machine.described())
    work = {"SQLite": Work(size), "PostgreSQL": Work(size)}
    for number in range(1, wanted.rounds + 1):
        for server in servers:
            say(f"round {number} of {wanted.rounds}: {server.name}")
            one_round(results, server, scenarios, work[server.database], wanted.seconds, first=number == 1)
    say("the databases alone")
    results.limits["PostgreSQL"] = limits.of_postgres(cluster, size, limits.Taken(size), wanted.seconds, scenarios)
    results.limits["SQLite"] = limits.of_sqlite(servers[0].data / "clinichub.db", size, wanted.seconds, scenarios)
    return told(wanted, results, servers, head, size)


def fill(servers, size, cluster):
    """Both databases at once: generating rows keeps a core busy each."""
    say(f"making {size.told()}, twice")
    cluster.create("bench")
    sqlite, postgres = servers[:2]
    for server in (sqlite, postgres):
        server.migrate()
    now, started = time.time_ns() // 1000, time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        fills = [pool.submit(data.fill_sqlite, sqlite.data / "clinichub.db", size, now),
                 pool.submit(data.fill_postgres, cluster.psql("bench"), size, now)]
        for done in fills:
            done.result()
    say(f"made in {time.perf_counter() - started:.0f} s")


def one_round(results, server, scenarios, work, seconds, first):
    """The others are stopped meanwhile."""
    results.ready_ms.setdefault(server.key, []).append(server.start())
    try:
        time.sleep(1)
        results.at_rest_mb.setdefault(server.key, []).append(machine.memory_mb(server.process.pid))
        if first:
            probe(server, work)
        for scenario in scenarios:
            if scenario in OWN and not isinstance(server, ClinicHub):
                continue
            drive(server, scenario, work, 1)
            results.add(server, scenario, drive(server, scenario, work, seconds))
    finally:
        server.stop()


def described(wanted, size, cluster, scenarios):
    command = " ".join(["cargo xtask bench", *sys.argv[1:]])
    return f"# What `{command}` measured\n\n{datetime.date.today()}, {machine.described()}. PostgreSQL {cluster.version()} and SQLite, both durable. " \
           f"{size.told()}. Medians of {wanted.rounds} rounds of {wanted.seconds} s, servers in turn."


def told(wanted, results, servers, head, size):
    standard = RESULTS / "standard.json"
    smaller = json.loads(standard.read_text()) if wanted.large and standard.exists() else None
    text = report.written(results, servers, head, smaller)
    if wanted.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{size.name}.md").write_text(text)
        (RESULTS / f"{size.name}.json").write_text(json.dumps(results.medians(), indent=1) + "\n")
    return text
