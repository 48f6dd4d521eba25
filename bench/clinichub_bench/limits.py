"""The databases alone, doing the statements of the same requests with nobody in between: what no server on them can beat by much.

PostgreSQL is driven by pgbench with prepared statements, SQLite by a loop in one thread. Both write an audit row a request as ClinicHub does,
but one at a time, where ClinicHub writes those of many requests at once; so a share above 100 % is possible where the audit row is most of the
work. The loop over SQLite is Python, whose own time is in the figure; it commits 64 requests at once, durably, as ClinicHub does under load.
"""

import random
import re
import sqlite3
import subprocess
import time
from pathlib import Path

from . import data
from .load import OWN, SCENARIOS

SCRIPTS = Path(__file__).parent.parent / "pgbench"
# Requests of ClinicHub in one turn of a script.
REQUESTS = {"complete": 2}
CLIENTS = 16
TOGETHER = 64
MIXED = {"patient": 40, "search": 20, "day": 20, "book": 10, "complete": 5}  # `complete` is two requests


def of_postgres(cluster, size, work, seconds, wanted):
    """Requests a second, by scenario."""
    return {scenario: pgbench(cluster, size, work, seconds, scenario) for scenario in measured(wanted)}


def measured(wanted):
    return [scenario for scenario in SCENARIOS if scenario in wanted and scenario not in OWN]


def pgbench(cluster, size, work, seconds, scenario):
    share = MIXED if scenario == "mixed" else {scenario: 1}
    files = [part for name, weight in share.items() for part in ("-f", f"{SCRIPTS / name}.sql@{weight}")]
    # Neither `book` nor `complete` may meet what an earlier run did.
    begin = {"n": work.taken, "m": 0, "patients": size.patients[0], "days": size.days(), "open": work.open}
    if {"book", "complete"} & share.keys():
        work.taken, work.open = work.taken + 10_000, work.open + 50_000
    variables = [part for name, value in begin.items() for part in ("-D", f"{name}={value}")]
    command = ["pgbench", "-n", "-M", "prepared", "-c", CLIENTS, "-j", 1, "-T", seconds, *variables, *files, cluster.url("bench")]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0 or "aborted" in done.stderr:
        raise SystemExit(f"pgbench failed: {done.stderr[-2000:]}")
    turns = float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1))
    a_turn = sum(weight * REQUESTS.get(name, 1) for name, weight in share.items()) / sum(share.values())
    return turns * a_turn


class Taken:
    """What pgbench has used up in a database: slots from 2060 on, and open appointments from the newest three tenths on."""

    def __init__(self, size):
        self.taken, self.open = 0, size.appointments[0] * 7 // 10


AUDIT = """INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id)
    VALUES (1, ?, 1, 'admin', ?, 'allowed', ?, ?, ?, '127.0.0.1', 'limit')"""
PATIENT = """SELECT patient_id, mrn, first_name, last_name, dob, sex, email, phone, address, emergency_contact_name, emergency_contact_phone,
    external_reference, preferred_language, created_at, updated_at, created_by, version
    FROM patients WHERE clinic_id = 1 AND patient_id = ? AND deleted_at IS NULL"""
SEARCH = """WITH found AS (SELECT clinic_id, patient_id, min(token) AS word, count(*) OVER () AS total FROM patient_tokens
        WHERE clinic_id = 1 AND token >= ? AND token < ? GROUP BY clinic_id, patient_id ORDER BY word, patient_id LIMIT 20)
    SELECT p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
        p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by, p.version, f.total
    FROM found f JOIN patients p ON p.clinic_id = f.clinic_id AND p.patient_id = f.patient_id ORDER BY f.word, f.patient_id"""
DAY = """SELECT a.appointment_id, a.reference, a.patient_id, p.first_name, p.last_name, p.mrn, a.provider_user_id, u.first_name, u.last_name,
        a.service_id, a.scheduled_start, a.scheduled_end, a.status, a.status_changed_at, a.department, a.reason, a.notes, a.close_reason,
        a.created_at, a.updated_at, a.version
    FROM appointments a JOIN patients p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id JOIN users u ON u.user_id = a.provider_user_id
    WHERE a.clinic_id = 1 AND a.scheduled_start >= ? AND a.scheduled_start < ? ORDER BY a.scheduled_start, a.appointment_id LIMIT 100"""
COUNT = "SELECT count(*) FROM appointments a WHERE a.clinic_id = 1 AND a.scheduled_start >= ? AND a.scheduled_start < ?"
DOCTOR = """SELECT d.user_id FROM doctors d JOIN memberships m ON m.user_id = d.user_id
    WHERE m.clinic_id = 1 AND d.user_id = ? AND d.is_active AND m.is_active"""
BRIEF = "SELECT patient_id FROM patients WHERE clinic_id = 1 AND patient_id = ? AND deleted_at IS NULL"
BOOK = """INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status, status_changed_at,
    created_at, updated_at, created_by) VALUES (1, ?, ?, ?, ?, ?, 'scheduled', ?, ?, ?, 1) RETURNING appointment_id"""
STATE = "INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES (1, ?, ?, ?, 1)"
OUTBOX = """INSERT INTO outbox (clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at)
    VALUES (1, ?, 'appointment', ?, 'appointment.read', ?, '{}', ?)"""
COMPLETE = """UPDATE appointments SET status = 'completed', status_changed_at = ?, updated_at = ?, version = version + 1
    WHERE clinic_id = 1 AND appointment_id = ? RETURNING patient_id, provider_user_id"""
CPT = """INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, unit_price_minor, currency,
        performed_at, created_at, created_by)
    SELECT 1, ?, ?, ?, service_id, code, description, price_minor, currency, ?, ?, 1 FROM fee_schedule WHERE clinic_id = 1 AND is_default
    RETURNING cpt_id"""
FIND_CPT = "SELECT cpt_id, code, description, unit_price_minor FROM cpt_records WHERE clinic_id = 1 AND appointment_id = ?"
INVOICE = """INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at, created_at, updated_at,
    created_by) VALUES (1, ?, ?, ?, ?, 'USD', 12500, ?, ?, ?, 1) RETURNING invoice_id"""
LINE = """INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor)
    VALUES (1, ?, 1, 'VISIT', 'Visit', 1, 12500, 12500)"""
TERMS = "ana mar rive garr tho p12 7875551 sant lu wil cast gome jo per nel".split()
BOOKED_FROM = 2_840_140_800_000_000  # 2060


class Loop:
    """One thread over SQLite; each method is a request or, where it gives 2, two of them."""

    def __init__(self, path, size):
        self.db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -65536", "mmap_size = 268435456", "temp_store = MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        self.size, self.rng, self.booked, self.open = size, random.Random(42), 0, size.appointments[0] * 4 // 5

    def audit(self, action, patient=None, resource=None, resource_id=None):
        self.db.execute(AUDIT, (now(), action, patient, resource, resource_id))

    def patient(self):
        chart = self.rng.randint(1, self.size.patients[0])
        self.db.execute(PATIENT, (chart,)).fetchall()
        self.audit("get_patient", chart)
        return 1

    def search(self):
        term = self.rng.choice(TERMS)
        self.db.execute(SEARCH, (term, term + "\U0010ffff")).fetchall()
        self.audit("search_patients")
        return 1

    def day(self):
        start = data.FIRST_DAY - 9 * 60 * data.MINUTE + self.rng.randrange(self.size.days()) * data.DAY
        self.db.execute(DAY, (start, start + data.DAY)).fetchall()
        self.db.execute(COUNT, (start, start + data.DAY)).fetchall()
        self.audit("list_appointments")
        return 1

    def book(self):
        turn, place = divmod(self.booked, self.size.doctors)
        self.booked += 1
        doctor, chart, at, start = place + 2, self.rng.randint(1, self.size.patients[0]), now(), BOOKED_FROM + turn * 15 * data.MINUTE
        self.db.execute(DOCTOR, (doctor,)).fetchall()
        self.db.execute(BRIEF, (chart,)).fetchall()
        row = (f"L{self.booked}", chart, doctor, start, start + 15 * data.MINUTE, at, at, at)
        (booked,), = self.db.execute(BOOK, row).fetchall()
        self.db.execute(STATE, (booked, "scheduled", at))
        self.audit("create_appointment", chart, "appointment", booked)
        self.db.execute(OUTBOX, ("appointment.created", booked, chart, at))
        return 1

    def complete(self):
        self.open += 1
        done, at = self.open, now()
        (chart, doctor), = self.db.execute(COMPLETE, (at, at, done)).fetchall()
        self.db.execute(STATE, (done, "completed", at))
        self.db.execute(CPT, (done, chart, doctor, at, at)).fetchall()
        self.audit("update_appointment", chart, "appointment", done)
        self.db.execute(OUTBOX, ("appointment.status_changed", done, chart, at))
        (cpt, *_), = self.db.execute(FIND_CPT, (done,)).fetchall()
        (invoice,), = self.db.execute(INVOICE, (f"L{done}", done, chart, cpt, at, at, at)).fetchall()
        self.db.execute(LINE, (invoice,))
        self.audit("create_invoice", chart, "invoice", invoice)
        return 2

    def mixed(self):
        return getattr(self, self.rng.choices(list(MIXED), list(MIXED.values()))[0])()

    def run(self, scenario, seconds):
        work, done, started = getattr(self, scenario), 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            self.db.execute("BEGIN IMMEDIATE")
            for _ in range(TOGETHER):
                done += work()
            self.db.execute("COMMIT")
        return done / (time.perf_counter() - started)


def of_sqlite(path, size, seconds, wanted):
    """Requests a second, by scenario."""
    loop = Loop(path, size)
    try:
        return {scenario: loop.run(scenario, seconds) for scenario in measured(wanted)}
    finally:
        loop.db.close()


def now():
    return time.time_ns() // 1000
