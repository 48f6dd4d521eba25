"""What a careful team would write with Flask and SQLAlchemy: Core statements, a pool, the same checks and the same audit row as ClinicHub,
on the same schema. Run by gunicorn with two workers of four threads."""

import functools
import os
import unicodedata

import jwt
from flask import Flask, g, jsonify, request
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"), pool_size=4, max_overflow=0)
SECRET = os.environ["JWT_SECRET"]
STAFF = {"admin", "doctor", "nurse", "technician", "receptionist"}

COLUMNS = """p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
    p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by, p.version"""
PATIENT = text(f"SELECT {COLUMNS} FROM patients p WHERE p.clinic_id = :clinic AND p.patient_id = :id AND p.deleted_at IS NULL")
SEARCH = text(f"""WITH found AS (
    SELECT patient_id, min(token) AS word, count(*) OVER () AS total FROM patient_tokens
    WHERE clinic_id = :clinic AND token >= :low AND token < :high GROUP BY patient_id ORDER BY word, patient_id LIMIT 20)
    SELECT {COLUMNS}, f.total FROM found f JOIN patients p ON p.clinic_id = :clinic AND p.patient_id = f.patient_id ORDER BY f.word, f.patient_id""")
DAY = text("""SELECT a.appointment_id, a.reference, a.patient_id, p.first_name, p.last_name, p.mrn, a.provider_user_id,
    u.first_name || ' ' || u.last_name AS provider_name, a.service_id, a.scheduled_start, a.scheduled_end, a.status, a.department,
    a.reason, a.notes, a.version, count(*) OVER () AS total
    FROM appointments a JOIN patients p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id JOIN users u ON u.user_id = a.provider_user_id
    WHERE a.clinic_id = :clinic AND a.scheduled_start >= :from AND a.scheduled_start < :to ORDER BY a.scheduled_start, a.appointment_id LIMIT 100""")
AUDIT = text("""INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id)
    VALUES (:clinic, now(), :user, :role, :action, 'allowed', :patient, :resource, :resource_id, :address, :request)""")


def needs(*roles):
    """The token, the role, and the clinic that goes into every statement."""

    def wrap(handler):
        @functools.wraps(handler)
        def guarded(*args, **kwargs):
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                g.user = jwt.decode(token, SECRET, algorithms=["HS256"])
            except jwt.PyJWTError:
                return jsonify(error="Invalid or expired token"), 401
            if g.user["role"] not in roles:
                return jsonify(error="Forbidden"), 403
            return handler(*args, **kwargs)

        return guarded

    return wrap


def audit(db, action, patient=None, resource=None, resource_id=None):
    db.execute(AUDIT, {"clinic": g.user["clinic_id"], "user": g.user["user_id"], "role": g.user["role"], "action": action, "patient": patient,
                       "resource": resource, "resource_id": resource_id, "address": request.remote_addr, "request": os.urandom(8).hex()})


def page(name, rows, per_page):
    total = rows[0]["total"] if rows else 0
    pagination = {"total": total, "page": 1, "per_page": per_page, "has_next": total > per_page, "has_prev": False}
    return {name: [dict(row) for row in rows], "pagination": pagination}


@app.get("/api/patients/<int:patient_id>")
@needs(*STAFF)
def get_patient(patient_id):
    with engine.begin() as db:
        row = db.execute(PATIENT, {"clinic": g.user["clinic_id"], "id": patient_id}).mappings().first()
        audit(db, "get_patient", patient_id)
    return dict(row) if row else (jsonify(error="Patient not found"), 404)


@app.get("/api/patients/search")
@needs(*STAFF)
def search_patients():
    folded = unicodedata.normalize("NFKD", request.args["q"])
    term = "".join(letter for letter in folded if not unicodedata.combining(letter)).lower()
    with engine.begin() as db:
        rows = db.execute(SEARCH, {"clinic": g.user["clinic_id"], "low": term, "high": term + "\U0010ffff"}).mappings().all()
        audit(db, "search_patients")
    return page("patients", rows, 20)


@app.get("/api/appointments")
@needs(*STAFF)
def list_appointments():
    with engine.begin() as db:
        rows = db.execute(DAY, {"clinic": g.user["clinic_id"], "from": request.args["from"], "to": request.args["to"]}).mappings().all()
        audit(db, "list_appointments")
    return page("appointments", rows, 100)


@app.post("/api/appointments")
@needs(*STAFF)
def create_appointment():
    body, clinic, user = request.get_json(), g.user["clinic_id"], g.user["user_id"]
    try:
        with engine.begin() as db:
            provider = db.execute(text("""SELECT d.user_id FROM doctors d JOIN memberships m ON m.user_id = d.user_id
                WHERE m.clinic_id = :clinic AND d.user_id = :id AND d.is_active AND m.is_active FOR NO KEY UPDATE OF d"""),
                {"clinic": clinic, "id": body["provider_user_id"]}).first()
            patient = db.execute(text("SELECT patient_id FROM patients WHERE clinic_id = :clinic AND patient_id = :id AND deleted_at IS NULL"),
                                 {"clinic": clinic, "id": body["patient_id"]}).first()
            if not provider or not patient:
                return jsonify(error="not found"), 404
            row = db.execute(text("""INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end,
                status, status_changed_at, created_at, updated_at, created_by)
                VALUES (:clinic, 'X' || nextval('appointments_appointment_id_seq'), :patient, :provider, :start, :end, 'scheduled', now(), now(), now(), :user)
                RETURNING *"""), {"clinic": clinic, "patient": body["patient_id"], "provider": body["provider_user_id"],
                                  "start": body["scheduled_start"], "end": body["scheduled_end"], "user": user}).mappings().one()
            db.execute(text("INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES (:c, :a, 'scheduled', now(), :u)"),
                       {"c": clinic, "a": row["appointment_id"], "u": user})
            audit(db, "create_appointment", body["patient_id"], "appointment", row["appointment_id"])
    except IntegrityError:
        return jsonify(error="Provider already has an appointment at this time"), 409
    return {"message": "Appointment created successfully", "appointment": dict(row)}, 201


@app.put("/api/appointments/<int:appointment_id>")
@needs("admin", "doctor", "nurse", "technician")
def update_appointment(appointment_id):
    clinic, user = g.user["clinic_id"], g.user["user_id"]
    with engine.begin() as db:
        row = db.execute(text("""UPDATE appointments SET status = 'completed', status_changed_at = now(), updated_at = now(), version = version + 1
            WHERE clinic_id = :c AND appointment_id = :a AND status IN ('scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review') RETURNING *"""),
            {"c": clinic, "a": appointment_id}).mappings().first()
        if not row:
            return jsonify(error="conflict"), 409
        db.execute(text("INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES (:c, :a, 'completed', now(), :u)"),
                   {"c": clinic, "a": appointment_id, "u": user})
        cpt = db.execute(text("""INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description,
            unit_price_minor, currency, performed_at, created_at, created_by)
            SELECT :c, :a, :p, :d, service_id, code, description, price_minor, currency, now(), now(), :u FROM fee_schedule
            WHERE clinic_id = :c AND is_default RETURNING cpt_id"""),
            {"c": clinic, "a": appointment_id, "p": row["patient_id"], "d": row["provider_user_id"], "u": user}).scalar_one()
        audit(db, "update_appointment", row["patient_id"], "appointment", appointment_id)
    return {"message": "Appointment updated successfully", "appointment": {**row, "cpt_id": cpt}}


@app.post("/api/invoices")
@needs("admin", "receptionist")
def create_invoice():
    clinic, user = g.user["clinic_id"], g.user["user_id"]
    with engine.begin() as db:
        cpt = db.execute(text("""SELECT c.* FROM cpt_records c JOIN appointments a ON a.clinic_id = c.clinic_id AND a.appointment_id = c.appointment_id
            WHERE c.clinic_id = :c AND c.appointment_id = :a AND a.status = 'completed'"""),
            {"c": clinic, "a": request.get_json()["appointment_id"]}).mappings().first()
        if not cpt:
            return jsonify(error="Appointment must be completed"), 400
        row = db.execute(text("""INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at,
            created_at, updated_at, created_by)
            VALUES (:c, 'X' || nextval('invoices_invoice_id_seq'), :a, :p, :cpt, :cur, :total, now(), now(), now(), :u) RETURNING *"""),
            {"c": clinic, "a": cpt["appointment_id"], "p": cpt["patient_id"], "cpt": cpt["cpt_id"], "cur": cpt["currency"],
             "total": cpt["unit_price_minor"], "u": user}).mappings().one()
        db.execute(text("""INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor)
            VALUES (:c, :i, 1, :code, :d, 1, :p, :p)"""),
            {"c": clinic, "i": row["invoice_id"], "code": cpt["code"], "d": cpt["description"], "p": cpt["unit_price_minor"]})
        audit(db, "create_invoice", cpt["patient_id"], "invoice", row["invoice_id"])
    return {"message": "Invoice created successfully", "invoice": dict(row)}, 201


@app.get("/readyz")
def ready():
    return {"status": "ready"}
