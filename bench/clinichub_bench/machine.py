"""Processes: started so that they end with us, measured from /proc, ended by their pid."""

import ctypes
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
MISSING = {"wrk": "wrk", "pgbench": "postgresql", "psql": "postgresql", "node": "nodejs", "npm": "npm"}


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, **options):
    """Starts a process that the kernel ends when we end, in whatever way."""
    return subprocess.Popen(list(map(str, command)), preexec_fn=die_with_parent, stdin=subprocess.DEVNULL, **options)


def end(process, patience=30):
    """Ends a process and all that it started, by their pids."""
    started = descendants(process.pid)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in started[1:]:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def need(*programs):
    """Sees to it that the programs are there: installs them where we may, else says what to type."""
    missing = sorted({MISSING[program] for program in programs if not shutil.which(program)})
    if not missing:
        return
    line = ["apt-get", "install", "-y", *missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(missing)}", file=sys.stderr)
        if subprocess.run(line, stdout=subprocess.DEVNULL).returncode == 0:
            return
    raise SystemExit(f"the benchmark needs {' '.join(missing)}: {' '.join(line)}")


def postgres_account():
    """PostgreSQL refuses to run as root; then it runs as this account."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL doesn't run as root, and there is no user `postgres` or `nobody` to run it under")


def stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def descendants(pid):
    """The process and all below it."""
    children = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := stat(folder.name)):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for known in found:
        found.extend(children.get(known, []))
    return found


def cpu_seconds(pid):
    """What the process and all below it have used, those that have ended included."""
    ticks = sum(sum(map(int, fields[11:15])) for fields in map(stat, descendants(pid)) if fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid):
    """Resident memory of the process and all below it: (its own, with the pages of files that are mapped)."""
    anonymous = everything = 0
    for each in descendants(pid):
        try:
            status = Path(f"/proc/{each}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes = {name: int(value) for name, value in re.findall(r"(RssAnon|VmRSS):\s+(\d+)", status)}
        anonymous += kilobytes.get("RssAnon", 0)
        everything += kilobytes.get("VmRSS", 0)
    return anonymous / 1024, everything / 1024


class Watch:
    """Looks at a process's memory while something runs; `most` is the highest it saw."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, (0.0, 0.0), threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.over.wait(0.5):
            self.most = tuple(map(max, self.most, memory_mb(self.pid)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.most = tuple(map(max, self.most, memory_mb(self.pid)))


def described():
    """The machine in a line, with a warning where it has other things to do."""
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    busy = f"; BUSY WITH OTHER WORK (load {load:.1f}): compare ratios only, and those with care" if load > cores / 2 else ""
    return f"{cores} cores of {model.group(1).strip() if model else 'an unknown processor'}, shared by load generator, server and database{busy}"


def wait_for_port(port, process, log):
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"it did not start; {log} says why")
