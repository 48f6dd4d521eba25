"""`--web`: how long each screen takes from the click to its data, in Chromium, with SQLite."""

import datetime
import subprocess
import time

from . import data, machine
from .servers import BENCH, ClinicHub, environment


def measure(program, folder, size, rounds, say):
    """The table, and what it was measured with."""
    server = ClinicHub(program, folder)
    server.migrate()
    say(f"making {size.told()}")
    data.fill_sqlite(server.data / "clinichub.db", size, time.time_ns() // 1000)
    server.start()
    try:
        say("opening every screen")
        table = subprocess.run(
            ["node", "scripts/bench.mjs", server.url, "admin1@bench.example", data.PASSWORD, str(rounds)],
            cwd=BENCH.parent / "web", env=environment(), check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        server.stop()
    return f"# How long a screen takes from the click to its data\n\n{datetime.date.today()}, {machine.described()}. SQLite, {size.told()}. " \
           f"{rounds} clicks each, in Chromium on the same machine, on a page that was loaded anew.\n\n{table}"
