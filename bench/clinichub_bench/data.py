"""The generated data set: the same rows for SQLite and PostgreSQL, from a fixed seed.

Clinic 1 is the one that is measured: it has the same 100,000 patients and 500,000 appointments in the small set and in the large one, so
that what differs between the two is the size of the database around it.
"""

import os
import random
import sqlite3
import subprocess
from datetime import datetime, timedelta, timezone
from functools import lru_cache

FIRST = """Ana Luis Maria Jose Carmen Juan Rosa Carlos Marta Pedro Elena Miguel Laura Jorge Sofia Diego Lucia Pablo Paula Andres Emma Noah
Olivia Liam Ava Ethan Mia Lucas Amelia Mason Harper Logan Evelyn Elijah Abigail James Emily Oliver Ella Jacob Grace Henry Chloe Owen Zoe
Samuel Nora Leo Hazel Ivan Irene Hugo Alba Bruno Clara Dario Eva Felix Gloria Hector Ines Joel Karen Lorena Mario Nadia Oscar Pilar Ramon
Sara Tomas Vera Walter Ximena Yara""".split()
LAST = """Rivera Santos Ortiz Cruz Vega Colon Reyes Torres Flores Ramos Diaz Soto Perez Lopez Gomez Ruiz Molina Castro Ortega Delgado Marin
Nunez Iglesias Medina Garrido Cortes Castillo Lozano Guerrero Cano Prieto Mendez Calvo Gallego Vidal Leon Herrera Pena Campos Fuentes
Carrasco Cabrera Nieto Aguilar Pascual Santana Herrero Montero Lorenzo Hidalgo Gimenez Ibanez Ferrer Duran Vicente Benitez Mora Arias
Vargas Carmona Crespo Roman Pastor Soler Saez Velasco Bravo Gallardo Rojas Smith Johnson Brown Jones Miller Davis Wilson Moore Taylor
Anderson Jackson White Harris Martin Thompson Young King Wright Scott Green Baker Adams Nelson Hill Campbell Mitchell Roberts Carter""".split()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTE, DAY = 60_000_000, 86_400_000_000
FIRST_DAY = 1_767_603_600_000_000  # 2026-01-05 09:00 UTC: no patient comes before it
SLOTS_A_DAY = 16
VISITS = 1000  # of the patient whose chart is the longest
PASSWORD = "bench-password-7"
# Of PASSWORD, at the lowest cost: what is measured is not bcrypt.
PASSWORD_HASH = "$2b$04$tHL39nPlIXrbBnjNaO5OW.Rz/pKE9cz3P4Sk0g2YfxBiVe9Fwi63G"


class Size:
    """How much is made."""

    def __init__(self, large):
        self.name = "large" if large else "standard"
        self.clinics = 50 if large else 3
        self.doctors = 40  # per clinic
        rest_patients, rest_appointments = (900_000, 4_500_000) if large else (10_000, 50_000)
        others = self.clinics - 1
        self.patients = [100_000] + [rest_patients // others] * others
        self.appointments = [500_000] + [rest_appointments // others] * others

    def first_patient(self, clinic):
        return 1 + sum(self.patients[:clinic - 1])

    def first_appointment(self, clinic):
        return 1 + sum(self.appointments[:clinic - 1])

    def completed(self, clinic):
        """So many of a clinic's appointments are completed, the oldest."""
        return self.appointments[clinic - 1] // 5

    def long_chart(self):
        """The patient of clinic 1 who came a thousand times."""
        return self.patients[0]

    def days(self):
        """So many working days clinic 1 has."""
        return self.appointments[0] // (self.doctors * SLOTS_A_DAY)

    def told(self):
        return f"{sum(self.patients):,} patients and {sum(self.appointments):,} appointments in {self.clinics} clinics; " \
               f"{self.patients[0]:,} and {self.appointments[0]:,} of them in the one that is measured"


class At(int):
    """An instant in microseconds since 1970, which PostgreSQL wants written out."""


def rows(size, now):
    """Yields (table, columns, rows) in the order that foreign keys want."""
    now = At(now)
    clinics = range(1, size.clinics + 1)
    yield "clinics", ("clinic_id", "code", "name", "time_zone", "currency", "created_at", "updated_at"), (
        (c, f"BEN{c:02}", f"Bench {c}", "America/New_York", "USD", now, now) for c in clinics)
    staff = [(c, role) for c in clinics for role in ["admin"] + ["doctor"] * size.doctors]
    yield "users", ("user_id", "first_name", "last_name", "email", "password_hash", "created_at", "updated_at"), (
        (u, FIRST[u % len(FIRST)], LAST[u % len(LAST)], f"{role}{u}@bench.example", PASSWORD_HASH, now, now)
        for u, (_, role) in enumerate(staff, 1))
    yield "memberships", ("clinic_id", "user_id", "role", "created_at", "updated_at"), ((c, u, role, now, now) for u, (c, role) in enumerate(staff, 1))
    yield "doctors", ("user_id", "specialization", "created_at", "updated_at"), (
        (u, "Family medicine", now, now) for u, (_, role) in enumerate(staff, 1) if role == "doctor")
    yield "fee_schedule", ("clinic_id", "service_id", "code", "description", "price_minor", "currency", "is_default", "created_at", "updated_at"), (
        (c, c, "VISIT", "Visit", 12500, "USD", True, now, now) for c in clinics)
    yield "counters", ("clinic_id", "kind", "value"), ((c, kind, 10_000_000) for c in clinics for kind in ("patient", "appointment", "invoice", "visit"))
    yield from patients(size, now)
    yield from appointments(size, now)
    yield from long_chart(size, now)


def charts(size):
    """Every patient: clinic, id, first name, last name, phone."""
    rng = random.Random(7)
    number = 0
    for clinic, count in enumerate(size.patients, 1):
        for _ in range(count):
            number += 1
            first, last = rng.choice(FIRST), f"{rng.choice(LAST)} {rng.choice(LAST)}"
            yield clinic, number, first, last, f"787555{number % 10000:04}" if number % 2 else f"939{number % 10_000_000:07}"


def patients(size, now):
    columns = ("clinic_id", "patient_id", "mrn", "first_name", "last_name", "name_key", "dob", "sex", "email", "email_key", "phone",
               "phone_digits", "address", "created_at", "updated_at")
    yield "patients", columns, (
        (clinic, n, f"BEN{clinic:02}-P{n}", first, last, f"{last} {first}".lower(), f"{1930 + n % 90}-{1 + n % 12:02}-{1 + n % 28:02}",
         "female" if n % 2 else "male", f"p{n}@example.com", f"p{n}@example.com", phone, phone, f"{n} Main St", now, now)
        for clinic, n, first, last, phone in charts(size))

    def tokens():
        for clinic, n, first, last, phone in charts(size):
            words = {first.lower(), *last.lower().split(), f"p{n}@example.com", f"p{n}", "example", "com", phone, phone[-7:], f"ben{clinic:02}",
                     f"ben{clinic:02}p{n}", str(n)}
            before = ""
            for word in sorted(words):
                yield clinic, word, n, len(os.path.commonprefix((before, word)))
                before = word

    yield "patient_tokens", ("clinic_id", "token", "patient_id", "shared"), tokens()


def appointments(size, now):
    columns = ("clinic_id", "appointment_id", "reference", "patient_id", "provider_user_id", "scheduled_start", "scheduled_end", "status",
               "status_changed_at", "created_at", "updated_at")

    def booked():
        """Every doctor has 16 appointments a day, one after the other; the oldest fifth is completed."""
        appointment_id = 0
        for clinic, count in enumerate(size.appointments, 1):
            first_patient, patients_here, completed = size.first_patient(clinic), size.patients[clinic - 1], size.completed(clinic)
            first_doctor = (clinic - 1) * (size.doctors + 1) + 2
            for index in range(count):
                appointment_id += 1
                turn, doctor = divmod(index, size.doctors)
                day, slot = divmod(turn, SLOTS_A_DAY)
                start = At(FIRST_DAY + day * DAY + 30 * slot * MINUTE)
                yield (clinic, appointment_id, f"BEN{clinic:02}-A{appointment_id}", first_patient + index * 7919 % patients_here,
                       first_doctor + doctor, start, At(start + 30 * MINUTE), "completed" if index < completed else "scheduled", start, now, now)

    yield "appointments", columns, booked()


def long_chart(size, now):
    """A patient with a thousand visits, each with measurements, a problem, a medication and a note, in the ten years before the others came."""
    first, patient, doctor, service = 1 + sum(size.appointments), size.long_chart(), 2, 1

    def starts():
        for index in range(VISITS):
            start = At(FIRST_DAY - (VISITS - index) * 4 * DAY)
            yield index, start, At(start + 30 * MINUTE)

    yield "appointments", ("clinic_id", "appointment_id", "reference", "patient_id", "provider_user_id", "service_id", "scheduled_start",
                           "scheduled_end", "status", "status_changed_at", "created_at", "updated_at"), (
        (1, first + index, f"BEN01-A{first + index}", patient, doctor, service, start, end, "completed", end, now, now) for index, start, end in starts())
    yield "visits", ("clinic_id", "visit_id", "reference", "appointment_id", "patient_id", "provider_user_id", "status", "started_at", "completed_at",
                     "subjective", "objective", "assessment", "plan", "created_at", "updated_at"), (
        (1, 1 + index, f"BEN01-V{1 + index}", first + index, patient, doctor, "completed", start, end, *[f"{part} of visit {index}. " * 8
         for part in ("Complaint", "Finding", "Assessment", "Plan")], now, now) for index, start, end in starts())
    yield "visit_diagnoses", ("clinic_id", "visit_id", "rank", "code", "description"), (
        (1, 1 + index, rank, code, name) for index, *_ in starts() for rank, code, name in ((1, "I10", "Essential hypertension"), (2, "E11.9", "Type 2 diabetes")))
    columns = ("clinic_id", "record_id", "patient_id", "visit_id", "kind", "recorded_at", "name", "status", "details", "created_at", "updated_at")

    def entries():
        for index, start, _ in starts():
            at = (1, 4 * index, patient, 1 + index)
            yield (1, at[1] + 1, *at[2:], "vitals", start, f"Measurement {index}", "", "", now, now)
            # Of long illness most is over.
            yield (1, at[1] + 2, *at[2:], "condition", start, f"Condition {index}", "active" if index % 20 == 0 else "resolved", "Known for long.", now, now)
            yield (1, at[1] + 3, *at[2:], "medication", start, f"Medication {index}", "active" if index % 25 == 0 else "stopped", "With meals.", now, now)
            yield (1, at[1] + 4, *at[2:], "note", start, f"Note {index}", "", "Called, will come again. " * 6, now, now)

    def without(kinds, dropped):
        keep = [place for place, column in enumerate(columns) if column not in dropped]
        return tuple(columns[place] for place in keep), (tuple(row[place] for place in keep) for row in entries() if row[4] in kinds)

    yield "chart_records", *without(("condition", "medication"), ())
    yield "chart_records", *without(("vitals",), ("name", "status", "details"))
    yield "chart_records", *without(("note",), ("status",))
    yield "vitals", ("clinic_id", "record_id", "systolic", "diastolic", "heart_rate", "weight", "height"), (
        (1, 4 * index + 1, 120 + index % 40, 70 + index % 20, 60 + index % 30, 80.5, 170) for index, *_ in starts())


def fill_sqlite(path, size, now):
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -800000")
    for table, columns, made in rows(size, now):
        marks = ", ".join("?" * len(columns))
        db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", made)
        db.commit()
    db.execute("ANALYZE")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


@lru_cache(maxsize=4096)
def written(micros):
    return (EPOCH + timedelta(microseconds=micros)).isoformat()


def copied(value):
    if type(value) is At:
        return written(value)
    return ("f", "t")[value] if value is True or value is False else str(value)


IDENTITIES = {"patients": "patient_id", "appointments": "appointment_id", "users": "user_id", "clinics": "clinic_id", "fee_schedule": "service_id",
              "visits": "visit_id", "chart_records": "record_id"}


def fill_postgres(psql, size, now):
    """`psql` is the command that reads statements from its standard input."""
    for table, columns, made in rows(size, now):
        copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with subprocess.Popen([*psql, "-c", copy], stdin=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL) as process:
            process.stdin.writelines("\t".join(map(copied, row)) + "\n" for row in made)
        if process.returncode != 0:
            raise SystemExit(f"the rows of {table} could not be copied into PostgreSQL")
    numbered = [f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}));"
                for table, column in IDENTITIES.items()]
    subprocess.run(psql, input="\n".join(numbered) + "\nVACUUM ANALYZE;\nCHECKPOINT;\n", text=True, check=True, stdout=subprocess.DEVNULL)
