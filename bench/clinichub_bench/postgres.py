"""A PostgreSQL of the benchmark's own: durable as in production, so that a commit costs what it costs."""

import os
import signal
import subprocess
import time
from pathlib import Path

from . import machine

# Nothing here makes a commit less durable. The rest is what an operator of such a clinic would set, and what keeps a checkpoint from
# falling into one measurement and not into another.
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "1GB", "max_wal_size": "8GB",
            "checkpoint_timeout": "30min", "max_connections": "100", "timezone": "UTC", "fsync": "on", "synchronous_commit": "on"}


class Cluster:
    """A server that lives in `folder` until `stop`."""

    def __init__(self, folder, settings=()):
        self.folder, self.port, self.process = Path(folder), machine.free_port(), None
        self.settings = {**SETTINGS, **dict(settings)}
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
        self.bin = next((path for path in versions if (path / "initdb").exists()), None)
        if self.bin is None:
            raise SystemExit("the benchmark needs PostgreSQL: apt-get install -y postgresql")

    def start(self):
        account = machine.postgres_account()
        self.folder.mkdir(mode=0o700)
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        subprocess.run([self.bin / "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata",
                        self.folder / "data"], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.as_account(account))
        self.launch()

    @staticmethod
    def as_account(account):
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}

    def launch(self):
        data, log, as_account = self.folder / "data", self.folder / "log", self.as_account(machine.postgres_account())
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as out:
            self.process = machine.start([self.bin / "postgres", "-D", data, "-p", self.port, *settings], stdout=out, stderr=out,
                                         cwd=self.folder, **as_account)
        machine.wait_for_port(self.port, self.process, log)
        self.wait_until_ready()

    def wait_until_ready(self):
        for _ in range(300):
            if subprocess.run([*self.psql("postgres"), "-c", "SELECT 1"], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("PostgreSQL did not become ready")

    def stop(self):
        if self.process:
            # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(120)
            self.process = None

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def psql(self, database):
        return [self.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database)]

    def run(self, database, statements):
        done = subprocess.run(self.psql(database), input=statements, text=True, check=True, capture_output=True)
        return done.stdout

    def create(self, database):
        self.run("postgres", f"CREATE DATABASE {database};")

    def set(self, settings):
        """Starts it again with more settings."""
        self.stop()
        self.settings |= settings
        self.launch()

    def version(self):
        return self.run("postgres", r"\pset tuples_only on" + "\nSHOW server_version;").strip()
