"""Drives a server with wrk and reads what it cost."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "load"


@dataclass
class Measured:
    """One run of one scenario."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float  # of server and database together, a request
    rss_mb: float


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def rss_mb(pids):
    total = 0
    for pid in pids:
        try:
            match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        except FileNotFoundError:
            continue
        total += int(match.group(1)) if match else 0
    return total / 1024


def descendants(pid):
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid, *(grandchild for child in children for grandchild in descendants(int(child)))]


def drive(server, scenario, tokens, plan, seconds, clients):
    """Runs `scenario` against `server` and measures it."""
    environment = {**os.environ, "SCENARIO": scenario, "ADMIN": tokens["admin"], "DOCTOR": tokens["doctor"], **{k: str(v) for k, v in plan.items()}}
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPTS / "clinic.lua"), server.url]
    before_server, before_database = cpu_seconds(server.pids()), cpu_seconds(server.database_pids())
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    used = cpu_seconds(server.pids()) - before_server + max(0.0, cpu_seconds(server.database_pids()) - before_database)
    told = json.loads(result.stdout[result.stdout.rindex("{\"requests\""):])
    requests = max(1, told["requests"])
    return Measured(requests / (told["duration_us"] / 1e6), told["p50_us"] / 1000, told["p99_us"] / 1000, told["errors"],
                    used * 1e6 / requests, rss_mb(server.pids())), told
