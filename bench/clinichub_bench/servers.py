"""What is measured: ClinicHub on both databases, and the two peers on PostgreSQL."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from . import data, machine

BENCH = Path(__file__).parent.parent
CACHE = BENCH.parent / ".xtask"
SECRET = "a key of the benchmark, long enough for HS256"


def environment(**more):
    """Ours, without what is said about other ClinicHubs and other databases."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLINICHUB_", "PG", "DATABASE_"))}
    return {**kept, **more}


class Server:
    """A server that is started and stopped for each round."""

    name = key = database = ""

    def __init__(self, folder, cluster=None):
        self.folder, self.cluster, self.process, self.port = Path(folder), cluster, None, None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        raise NotImplementedError

    def environment(self):
        return environment()

    def start(self):
        """Starts it; how long it took until it was ready, in milliseconds."""
        self.port = machine.free_port()
        log = self.folder / f"{self.key}.log"
        with log.open("ab") as out:
            started = time.perf_counter()
            self.process = machine.start(self.command(), env=self.environment(), stdout=out, stderr=out, cwd=self.directory())
        while self.process.poll() is None and time.perf_counter() - started < 60:
            if self.is_ready():
                return (time.perf_counter() - started) * 1000
            time.sleep(0.001)
        self.stop()
        raise SystemExit(f"{self.name} did not start:\n{log.read_text()[-2000:]}")

    def directory(self):
        return self.folder

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in connection.recv(64)
        except OSError:
            return False

    def stop(self):
        if self.process:
            machine.end(self.process)
            self.process = None

    def cpu_seconds(self):
        database = machine.cpu_seconds(self.cluster.process.pid) if self.cluster else 0
        return machine.cpu_seconds(self.process.pid) + database

    def call(self, method, path, body=None, token=None):
        """One request, answered well; else the benchmark ends here."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{self.name}: {method} {path} was answered with {answer.status}: {text[:500].decode(errors='replace')}")
        return json.loads(text)


class ClinicHub(Server):
    def __init__(self, program, folder, cluster=None):
        super().__init__(folder, cluster)
        self.program, self.more = program, {}
        self.database = "PostgreSQL" if cluster else "SQLite"
        self.name, self.key = f"ClinicHub, {self.database}", f"clinichub-{self.database.lower()}"
        self.data = self.folder / self.key

    def command(self):
        return [self.program, "serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{self.port}", "--log-format", "json"]

    def environment(self):
        return environment(CLINICHUB_DATABASE_URL=self.cluster.url("bench"), **self.more) if self.cluster else environment(**self.more)

    def migrate(self):
        subprocess.run([self.program, "migrate", "--data-dir", self.data], env=self.environment(), check=True, capture_output=True)

    def token(self):
        """A fresh one, as it is good for 15 minutes."""
        body = {"email": "admin1@bench.example", "password": data.PASSWORD}
        return self.call("POST", "/api/auth/login", body)["access_token"]


class Peer(Server):
    database = "PostgreSQL"

    def environment(self):
        return environment(DATABASE_URL=self.cluster.url("bench"), JWT_SECRET=SECRET, PORT=str(self.port), NODE_ENV="production")

    def token(self):
        def part(raw):
            return base64.urlsafe_b64encode(raw).rstrip(b"=")

        claims = {"user_id": 1, "role": "admin", "clinic_id": 1, "iat": int(time.time()), "exp": int(time.time()) + 3600}
        signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
        return (signed + b"." + part(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())).decode()


class Fastify(Peer):
    name, key = "Fastify, 2 processes", "fastify"

    def prepare(self):
        """Its modules, as the lock file has them."""
        source, target = BENCH / "peers/fastify", CACHE / "bench/fastify"
        target.mkdir(parents=True, exist_ok=True)
        lock, installed = source / "package-lock.json", target / "installed.json"
        for name in ("package.json", "package-lock.json", ".npmrc", "server.js"):
            shutil.copy(source / name, target / name)
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            print("installing the modules of the Fastify peer", file=sys.stderr)
            subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=target, check=True)
            shutil.copy(lock, installed)

    def directory(self):
        return CACHE / "bench/fastify"

    def command(self):
        return ["node", "server.js"]


class Flask(Peer):
    name, key = "Flask, 2 workers of 4 threads", "flask"

    def prepare(self):
        wanted, venv = BENCH / "peers/flask/requirements.txt", CACHE / "bench-venv"
        installed = venv / "installed.txt"
        if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
            print("setting up the Python environment of the Flask peer", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            subprocess.run([venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted], check=True)
            shutil.copy(wanted, installed)

    def directory(self):
        return BENCH / "peers/flask"

    def command(self):
        # A temporary folder in memory is where gunicorn's workers say that they are alive.
        return [CACHE / "bench-venv/bin/gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4",
                "--worker-tmp-dir", "/dev/shm", "--keep-alive", "75", "--log-level", "error", "app:app"]


def probe(server, work):
    """Each kind of request once, looking at what is answered: a fast wrong answer is no result."""
    token = server.token()
    patient = server.call("GET", "/api/patients/4711", token=token)
    assert patient.get("patient", patient)["patient_id"] == 4711, f"{server.name}: {patient}"
    found = server.call("GET", "/api/patients/search?q=garr", token=token)
    assert len(found["patients"]) == 20 and found["pagination"]["total"] > 100, f"{server.name}: {found['pagination']}"
    day = server.call("GET", "/api/appointments?from=2026-01-12T00:00:00Z&to=2026-01-12T23:59:59Z&per_page=100", token=token)
    assert len(day["appointments"]) == 100 and day["pagination"]["total"] == 640, f"{server.name}: {day['pagination']}"
    if isinstance(server, ClinicHub):
        chart = server.call("GET", f"/api/patients/{work.fixed['LONG_CHART']}/chart", token=token)
        assert len(chart["problems"]) == 50 and len(chart["visits"]) == 5, f"{server.name}: {chart['patient']}"
    start = 1_893_456_000 + 900 * (work.next_booking // work.fixed["DOCTORS"])
    times = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (start, start + 900)]
    booking = {"patient_id": 1, "provider_user_id": 2 + work.next_booking % work.fixed["DOCTORS"], "scheduled_start": times[0], "scheduled_end": times[1]}
    server.call("POST", "/api/appointments", booking, token)
    server.call("PUT", f"/api/appointments/{work.next_open}", {"status": "completed"}, token)
    server.call("POST", "/api/invoices", {"appointment_id": work.next_open}, token)
    work.next_booking, work.next_open = work.next_booking + 40, work.next_open + 1
