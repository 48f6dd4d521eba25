"""The generated data set: the same rows for SQLite and PostgreSQL, from a fixed seed."""

import random
import sqlite3
from datetime import datetime, timedelta, timezone

FIRST = """Ana Luis Maria Jose Carmen Juan Rosa Carlos Marta Pedro Elena Miguel Laura Jorge Sofia Diego Lucia Pablo Paula Andres Emma Noah
Olivia Liam Ava Ethan Mia Lucas Amelia Mason Harper Logan Evelyn Elijah Abigail James Emily Oliver Ella Jacob Grace Henry Chloe Owen Zoe
Samuel Nora Leo Hazel Ivan Irene Hugo Alba Bruno Clara Dario Eva Felix Gloria Hector Ines Joel Karen Lorena Mario Nadia Oscar Pilar Ramon
Sara Tomas Vera Walter Ximena Yara""".split()
LAST = """Rivera Santos Ortiz Cruz Vega Colon Reyes Torres Flores Ramos Diaz Soto Perez Lopez Gomez Ruiz Molina Castro Ortega Delgado Marin
Nunez Iglesias Medina Garrido Cortes Castillo Lozano Guerrero Cano Prieto Mendez Calvo Gallego Vidal Leon Herrera Pena Campos Fuentes
Carrasco Cabrera Nieto Aguilar Pascual Santana Herrero Montero Lorenzo Hidalgo Gimenez Ibanez Ferrer Duran Vicente Benitez Mora Arias
Vargas Carmona Crespo Roman Pastor Soler Saez Velasco Bravo Gallardo Rojas Smith Johnson Brown Jones Miller Davis Wilson Moore Taylor
Anderson Jackson White Harris Martin Thompson Young King Wright Scott Green Baker Adams Nelson Hill Campbell Mitchell Roberts Carter""".split()
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NOON = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)


class Size:
    """How much is made."""

    def __init__(self, large):
        factor = 10 if large else 1
        self.patients, self.appointments, self.clinics = 100_000 * factor, 500_000 * factor, 50 if large else 3
        self.doctors = 40  # per clinic


def micros(moment):
    return int((moment - EPOCH).total_seconds()) * 1_000_000


def rows(size, password_hash, now):
    """Yields (table, columns, rows): clinic by clinic nothing is kept in memory. Instants are `datetime`."""
    yield "clinics", ("clinic_id", "code", "name", "time_zone", "currency", "created_at", "updated_at"), (
        (c, f"BEN{c:02}", f"Bench {c}", "America/New_York", "USD", now, now) for c in range(1, size.clinics + 1))
    staff = [(c, role) for c in range(1, size.clinics + 1) for role in ["admin"] + ["doctor"] * size.doctors]
    yield "users", ("user_id", "first_name", "last_name", "email", "password_hash", "created_at", "updated_at"), (
        (u, FIRST[u % len(FIRST)], LAST[u % len(LAST)], f"{role}{u}@bench.example", password_hash, now, now) for u, (_, role) in enumerate(staff, 1))
    yield "memberships", ("clinic_id", "user_id", "role", "created_at", "updated_at"), ((c, u, role, now, now) for u, (c, role) in enumerate(staff, 1))
    yield "doctors", ("user_id", "specialization", "created_at", "updated_at"), (
        (u, "Family medicine", now, now) for u, (_, role) in enumerate(staff, 1) if role == "doctor")
    yield "fee_schedule", ("clinic_id", "service_id", "code", "description", "price_minor", "currency", "is_default", "created_at", "updated_at"), (
        (c, c, "VISIT", "Visit", 12500, "USD", True, now, now) for c in range(1, size.clinics + 1))
    yield "counters", ("clinic_id", "kind", "value"), (
        (c, kind, 10_000_000) for c in range(1, size.clinics + 1) for kind in ("patient", "appointment", "invoice"))
    yield from patients(size, now)
    yield from appointments(size, now)


def patient(size, number):
    rng = random.Random(number)
    clinic = (number - 1) % size.clinics + 1
    first, last = rng.choice(FIRST), f"{rng.choice(LAST)} {rng.choice(LAST)}"
    phone = f"787555{number % 10000:04}" if number % 2 else f"939{number % 10_000_000:07}"
    return clinic, first, last, phone, f"{1930 + number % 90}-{1 + number % 12:02}-{1 + number % 28:02}"


def patients(size, now):
    columns = ("clinic_id", "patient_id", "mrn", "first_name", "last_name", "name_key", "dob", "sex", "email", "email_key", "phone",
               "phone_digits", "address", "created_at", "updated_at")

    def charts():
        for n in range(1, size.patients + 1):
            clinic, first, last, phone, dob = patient(size, n)
            email = f"p{n}@example.com"
            yield (clinic, n, f"BEN{clinic:02}-P{n}", first, last, f"{last} {first}".lower(), dob, "female" if n % 2 else "male", email, email,
                   phone, phone, f"{n} Main St", now, now)

    def tokens():
        for n in range(1, size.patients + 1):
            clinic, first, last, phone, _ = patient(size, n)
            words = {first.lower(), *last.lower().split(), f"p{n}@example.com", f"p{n}", "example", "com", phone, phone[-7:], f"ben{clinic:02}",
                     f"ben{clinic:02}p{n}", str(n)}
            for word in words:
                yield clinic, word, n

    yield "patients", columns, charts()
    yield "patient_tokens", ("clinic_id", "token", "patient_id"), tokens()


def appointments(size, now):
    columns = ("clinic_id", "appointment_id", "reference", "patient_id", "provider_user_id", "scheduled_start", "scheduled_end", "status",
               "status_changed_at", "created_at", "updated_at")

    def booked():
        """Every doctor has 16 appointments a working day, the newest a month ahead; the older half is completed."""
        per_clinic = size.appointments // size.clinics
        appointment_id = 0
        for index in range(per_clinic):
            day, slot = divmod(index // size.doctors, 16)
            start = NOON + day * DAY + timedelta(minutes=30 * slot)
            status = "completed" if index < per_clinic // 2 else "scheduled"
            for clinic in range(1, size.clinics + 1):
                appointment_id += 1
                doctor = (clinic - 1) * (size.doctors + 1) + 2 + index % size.doctors
                chart = (index * 7919) % (size.patients // size.clinics) * size.clinics + clinic
                yield (clinic, appointment_id, f"BEN{clinic:02}-A{appointment_id}", chart, doctor, start, start + timedelta(minutes=30), status,
                       start, now, now)

    yield "appointments", columns, booked()


def fill_sqlite(path, size, password_hash, now):
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    plain = lambda value: micros(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value  # noqa: E731
    for table, columns, made in rows(size, password_hash, now):
        marks = ", ".join("?" * len(columns))
        db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", (tuple(map(plain, row)) for row in made))
    db.commit()
    db.execute("ANALYZE")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def fill_postgres(url, size, password_hash, now):
    import psycopg

    with psycopg.connect(url) as db:
        for table, columns, made in rows(size, password_hash, now):
            with db.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in made:
                    copy.write_row(row)
            identity = {"patients": "patient_id", "appointments": "appointment_id", "users": "user_id", "clinics": "clinic_id",
                        "fee_schedule": "service_id"}.get(table)
            if identity:
                db.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{identity}'), (SELECT max({identity}) FROM {table}))")
        db.commit()
        db.autocommit = True
        db.execute("VACUUM ANALYZE")
