"""Drives a server with wrk and reads what it cost."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import machine

SCRIPT = Path(__file__).parent.parent / "load" / "clinic.lua"
SCENARIOS = ("patient", "search", "day", "book", "complete", "mixed", "chart")
# What only ClinicHub has.
OWN = ("chart",)
# Where the target is how long an answer takes, no more wait in line than a busy clinic has screens; elsewhere as many as keep the server busy.
CLIENTS = {"search": 16, "day": 16}


@dataclass
class Measured:
    """One run of one scenario."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float  # of server and database together, a request
    memory_mb: tuple  # the server's own, with mapped files


class Work:
    """What is left to do in a database: each booking and each completion can be done once."""

    def __init__(self, size):
        self.fixed = {"PATIENTS": size.patients[0], "LONG_CHART": size.long_chart(), "DOCTORS": size.doctors, "DAYS": size.days()}
        self.next_booking, self.next_open = 0, 1 + size.completed(1)

    def environment(self):
        return {**self.fixed, "BOOK_FROM": self.next_booking, "OPEN_FROM": self.next_open}

    def done(self, told):
        # Requests that were under way when wrk stopped may have been done.
        self.next_booking, self.next_open = told["next_booking"] + 1000, told["next_open"] + 1000


def drive(server, scenario, work, seconds):
    """Runs `scenario` against `server` and measures it."""
    clients = CLIENTS.get(scenario, 64)
    environment = {**os.environ, "SCENARIO": scenario, "TOKEN": server.token(), **{name: str(value) for name, value in work.environment().items()}}
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", SCRIPT, server.url]
    before = server.cpu_seconds()
    with machine.Watch(server.process.pid) as watch:
        result = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"wrk failed: {result.stderr.strip()}")
    told = json.loads(result.stdout[result.stdout.rindex("{\"requests\""):])
    work.done(told)
    requests = max(1, told["requests"])
    return Measured(requests / (told["duration_us"] / 1e6), told["p50_us"] / 1000, told["p99_us"] / 1000, told["errors"],
                    (server.cpu_seconds() - before) * 1e6 / requests, watch.most)
