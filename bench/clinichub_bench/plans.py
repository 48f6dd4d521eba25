"""`bench/plans`: no list, search, schedule or booking reads a big table from end to end, with a million patients in it."""

import argparse
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path

from . import data, machine
from .postgres import Cluster
from .report import table
from .servers import ClinicHub

BIG = {"patients", "patient_tokens", "appointments", "appointment_states", "cpt_records", "invoices", "invoice_lines", "audit_events",
       "visits", "visit_diagnoses", "chart_records", "vitals"}
# PostgreSQL tells the plan as it was run, the statement and its parameters, each as a line of JSON.
SETTINGS = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on",
            "auto_explain.log_timing": "off", "auto_explain.log_format": "json", "log_min_duration_statement": "0", "logging_collector": "on",
            "log_destination": "jsonlog", "log_directory": "log", "log_filename": "all", "log_rotation_size": "0"}
# PostgreSQL looks at a prepared statement's parameters five times before it may settle on one plan for all.
TIMES = 20


def requests(size):
    """(method, path, body), about clinic 1."""
    day, charts, found = "2026-02-10", "/api/patients", "/api/patients/search"
    for sort in ("patient_id", "last_name", "dob", "created_at"):
        yield "GET", f"{charts}?sort={sort}&order=desc&per_page=100", None
    yield "GET", f"{charts}?page=500&per_page=100", None
    yield "PUT", f"{charts}/4711", {"national_id": "555-1234567", "insurance_number": "MED 1234"}
    for q in ("mar", "garr", "ana%20rivera", "p12", "7875551234", "ma%20cast", "555-1234567", "med%201234"):
        yield "GET", f"{found}?q={q}", None
    yield "POST", f"{charts}/duplicates", {"national_id": "555-1234567", "insurance_number": "MED 1234", "first_name": "Ana", "last_name": "Rivera"}
    for part in ("", "/summary", "/timeline", "/chart", "/visits", "/records", "/documents", "/lab-results"):
        yield "GET", f"{charts}/4711{part}", None
        yield "GET", f"{charts}/{size.long_chart()}{part}", None
    for given in ("", "?status=in_progress", f"?patient_id={size.long_chart()}", "?search=BEN01-V40"):
        yield "GET", f"/api/visits{given}", None
    yield "GET", "/api/visits/open", None
    yield "GET", "/api/prescriptions", None
    yield "GET", "/api/lab-reports", None
    listed = "/api/appointments"
    for given in (f"from={day}&to={day}&per_page=100", f"provider_user_id=5&from={day}&to={day}", f"status=scheduled,confirmed&from={day}",
                  "status=cancelled", "search=BEN01-A4711", "patient_id=4711", "sort=created_at&order=desc", "sort=status", "page=500"):
        yield "GET", f"{listed}?{given}", None
    yield "GET", f"{listed}/4711", None
    yield "GET", f"{listed}/open-ends", None
    yield "GET", f"{listed}/open-ends?provider_user_id=5", None
    yield "GET", f"/api/doctors/5/slots?from={day}&to={day}", None
    for given in ("", "patient_id=4711", f"from={day}&to={day}"):
        yield "GET", f"/api/cpt-records?{given}", None
        yield "GET", f"/api/invoices?{given}", None
        yield "GET", f"/api/audit?{given}", None
    yield "GET", "/api/invoices?status=unpaid", None
    yield "GET", "/api/audit?user_id=1", None


def writes(size, number):
    hour = f"2031-03-{1 + number:02}T10:"
    yield "POST", "/api/appointments", {"patient_id": 4711, "provider_user_id": 5, "scheduled_start": hour + "00:00Z", "scheduled_end": hour + "30:00Z"}
    open_one = size.completed(1) + 5 + number
    yield "PUT", f"/api/appointments/{open_one}", {"status": "completed"}
    yield "POST", "/api/invoices", {"appointment_id": open_one}
    yield "PUT", "/api/patients/4711", {"first_name": f"Name{chr(97 + number)}"}


def main():
    parser = argparse.ArgumentParser(prog="bench/plans", description="Looks at the plans of the hot statements on a large data set.")
    parser.add_argument("--small", action="store_true", help="on the standard data set")
    small = parser.parse_args().small
    program = os.environ.get("CLINICHUB_BIN")
    if not program or not os.access(program, os.X_OK):
        raise SystemExit("CLINICHUB_BIN must name the program: CLINICHUB_BIN=target/release/clinichub bench/plans")
    machine.need("psql")
    folder = Path(tempfile.mkdtemp(prefix="clinichub-plans-", dir="/var/tmp"))
    folder.chmod(0o711)
    cluster = Cluster(folder / "postgres")
    try:
        cluster.start()
        return look(Path(program).absolute(), folder, cluster, data.Size(not small))
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def look(program, folder, cluster, size):
    started = time.perf_counter()
    sqlite, postgres = ClinicHub(program, folder), ClinicHub(program, folder, cluster)
    cluster.create("bench")
    for server in (sqlite, postgres):
        server.migrate()
    print(f"making {size.told()}, twice", file=sys.stderr)
    now = time.time_ns() // 1000
    with ProcessPoolExecutor(2) as pool:
        fills = [pool.submit(data.fill_sqlite, sqlite.data / "clinichub.db", size, now),
                 pool.submit(data.fill_postgres, cluster.psql("bench"), size, now)]
        for done in fills:
            done.result()
    print(f"made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    cluster.set(SETTINGS)
    run_all(postgres, size)
    cluster.stop()
    found = statements(cluster.folder / "data/log/all.json")
    return tell(found, sqlite.data / "clinichub.db")


def run_all(server, size):
    # Few connections, so that each comes to run a statement often enough.
    server.more = {"CLINICHUB_DATABASE_CONNECTIONS": "2"}
    server.start()
    try:
        token = server.token()
        for method, path, body in requests(size):
            for _ in range(TIMES):
                server.call(method, path, body, token)
        for number in range(TIMES):
            for method, path, body in writes(size, number):
                server.call(method, path, body, token)
    finally:
        server.stop()


def statements(log):
    """By text: the last plan with its time, and the parameters."""
    found, plans = {}, {}
    for line in log.read_text(errors="replace").splitlines():
        entry = json.loads(line)
        message, process = entry.get("message", ""), entry.get("pid")
        if "  plan:\n" in message:
            plan = json.loads(message.split("plan:\n", 1)[1])
            plans[process, plan["Query Text"].strip()] = plan
        elif ms := re.match(r"duration: [\d.]+ ms  execute [^:]*: (.*)", message, re.S):
            # Statements are sent one behind the other, so each line is told by its text.
            text = ms.group(1).strip()
            if (plan := plans.pop((process, text), None)) is None:
                continue
            took = float(re.search(r"duration: ([\d.]+) ms", message).group(1))
            found.setdefault(text, []).append((took, plan["Plan"], "JIT" in plan, parameters(entry.get("detail", ""))))
    return {text: runs for text, runs in found.items() if has_plan(text)}


def has_plan(text):
    """An insert of given values has nothing to look for."""
    return re.match(r"\s*(SELECT|WITH|UPDATE|DELETE)", text) and any(re.search(rf"\b{table}\b", text) for table in BIG)


def parameters(detail):
    """`parameters: $1 = '1', $2 = NULL` as what SQLite is given."""
    found = re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", detail)
    return [None if value == "NULL" else typed(value[1:-1].replace("''", "'")) for value in found]


def typed(text):
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00", text):
        moment = datetime.fromisoformat(text.replace("+00", "+00:00").replace(" ", "T"))
        return (moment - data.EPOCH) // data.timedelta(microseconds=1)
    return {"t": 1, "f": 0}.get(text, text)


def big_scans(node):
    """What a plan of PostgreSQL reads from end to end."""
    is_whole = node["Node Type"].endswith("Seq Scan") or "Index" in node["Node Type"] and "Index Cond" not in node
    if is_whole and node.get("Relation Name") in BIG:
        yield f"{node['Node Type']} on {node['Relation Name']}"
    for inner in node.get("Plans", ()):
        yield from big_scans(inner)


def on_sqlite(db, text, values):
    """How long the statement takes on SQLite, and what its plan reads from end to end; nothing of what only PostgreSQL is asked (to lock)."""
    if re.search(r"\bFOR (NO KEY )?UPDATE\b", text):
        return 0.0, []
    text = re.sub(r"\$(\d+)", r"?\1", text)
    scans = []
    for *_, step in db.execute(f"EXPLAIN QUERY PLAN {text}", values):
        scan = re.match(r"SCAN (\w+)", step)
        if scan and any(name == scan.group(1) or re.search(rf"\b{name}\s+{scan.group(1)}\b", text) for name in BIG):
            scans.append(step)
    db.execute("BEGIN")
    started = time.perf_counter()
    db.execute(text, values).fetchall()
    took = (time.perf_counter() - started) * 1000
    db.execute("ROLLBACK")
    return took, scans


def tell(found, path):
    db, rows, bad = sqlite3.connect(path, isolation_level=None), [], []
    # Of a table that the data set leaves (nearly) empty, all is what any plan reads.
    small = {name for name in BIG if db.execute(f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT 10000)").fetchone()[0] < 10000}
    for text, runs in sorted(found.items(), key=lambda item: -max(run[0] for run in item[1])):
        took = sorted(run[0] for run in runs)
        scans = {scan for run in runs for scan in big_scans(run[1])}
        here = [on_sqlite(db, text, run[3]) for run in runs]
        lite = sorted(each[0] for each in here)
        scans |= {scan for each in here for scan in each[1]}
        scans = {scan for scan in scans if scan.split()[-1] not in small}
        jit = "yes" if any(run[2] for run in runs) else ""
        rows.append((f"{took[len(took) // 2]:.2f}", f"{took[-1]:.2f}", f"{lite[len(lite) // 2]:.2f}", f"{lite[-1]:.2f}", jit, "; ".join(sorted(scans)),
                     re.sub(r"\s+", " ", text)[:160]))
        if scans:
            bad.append(f"{'; '.join(sorted(scans))}\n{text}")
    print(table(("PostgreSQL ms", "slowest", "SQLite ms", "slowest", "JIT", "reads all", "statement"), rows))
    print(f"\n{len(rows)} statements" + "".join(f"\n\nreads a big table from end to end: {one}" for one in bad))
    return 1 if bad else 0
