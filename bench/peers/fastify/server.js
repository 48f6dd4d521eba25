// What a careful team would write with Fastify and pg: prepared statements, a pool, the same checks and the same audit row as ClinicHub, on
// the same schema. Two processes, as many as there are cores.
import cluster from 'node:cluster';
import Fastify from 'fastify';
import jwt from '@fastify/jwt';
import pg from 'pg';

const PROCESSES = 2;
const ALLOWED = {
  patient_read: new Set(['admin', 'doctor', 'nurse', 'technician', 'receptionist']),
  appointment_read: new Set(['admin', 'doctor', 'nurse', 'technician', 'receptionist']),
  appointment_create: new Set(['admin', 'doctor', 'nurse', 'technician', 'receptionist']),
  appointment_flow: new Set(['admin', 'doctor', 'nurse', 'technician']),
  invoice_write: new Set(['admin', 'receptionist']),
};

if (cluster.isPrimary) {
  for (let i = 0; i < PROCESSES; i++) cluster.fork();
} else {
  await serve();
}

async function serve() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  const app = Fastify({ logger: false });
  await app.register(jwt, { secret: process.env.JWT_SECRET });
  pg.types.setTypeParser(20, Number);

  const query = (db, name, text, values) => db.query({ name, text, values });

  const audit = (db, request, action, patientId, resource, resourceId) =>
    query(db, 'audit', `INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id)
      VALUES ($1, now(), $2, $3, $4, 'allowed', $5, $6, $7, $8, $9)`,
      [request.user.clinic_id, request.user.user_id, request.user.role, action, patientId, resource, resourceId, request.ip, request.id]);

  const needs = (permission) => async (request, reply) => {
    try {
      await request.jwtVerify();
    } catch {
      return reply.code(401).send({ error: 'Invalid or expired token' });
    }
    if (!ALLOWED[permission].has(request.user.role)) return reply.code(403).send({ error: 'Forbidden' });
  };

  const transaction = async (work) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  };

  const COLUMNS = `p.patient_id, p.mrn, p.first_name, p.last_name, p.dob, p.sex, p.email, p.phone, p.address, p.emergency_contact_name,
    p.emergency_contact_phone, p.external_reference, p.preferred_language, p.created_at, p.updated_at, p.created_by, p.version`;

  app.get('/api/patients/:id', { preHandler: needs('patient_read') }, async (request, reply) => {
    const { rows } = await query(pool, 'patient',
      `SELECT ${COLUMNS} FROM patients p WHERE p.clinic_id = $1 AND p.patient_id = $2 AND p.deleted_at IS NULL`,
      [request.user.clinic_id, Number(request.params.id)]);
    await audit(pool, request, 'get_patient', Number(request.params.id), null, null);
    return rows[0] ?? reply.code(404).send({ error: 'Patient not found' });
  });

  app.get('/api/patients/search', { preHandler: needs('patient_read') }, async (request) => {
    const term = String(request.query.q).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    const { rows } = await query(pool, 'search',
      `WITH found AS (
         SELECT patient_id, min(token) AS word, count(*) OVER () AS total FROM patient_tokens
         WHERE clinic_id = $1 AND token >= $2 AND token < $3 GROUP BY patient_id ORDER BY word, patient_id LIMIT 20)
       SELECT ${COLUMNS}, f.total FROM found f JOIN patients p ON p.clinic_id = $1 AND p.patient_id = f.patient_id ORDER BY f.word, f.patient_id`,
      [request.user.clinic_id, term, term + '\u{10FFFF}']);
    await audit(pool, request, 'search_patients', null, null, null);
    const total = rows[0]?.total ?? 0;
    return { patients: rows, pagination: { total, page: 1, per_page: 20, has_next: total > 20, has_prev: false } };
  });

  app.get('/api/appointments', { preHandler: needs('appointment_read') }, async (request) => {
    const values = [request.user.clinic_id, request.query.from, request.query.to];
    const { rows } = await query(pool, 'day',
      `SELECT a.appointment_id, a.reference, a.patient_id, p.first_name, p.last_name, p.mrn, a.provider_user_id,
              u.first_name || ' ' || u.last_name AS provider_name, a.service_id, a.scheduled_start, a.scheduled_end, a.status, a.department,
              a.reason, a.notes, a.version, count(*) OVER () AS total
       FROM appointments a JOIN patients p ON p.clinic_id = a.clinic_id AND p.patient_id = a.patient_id JOIN users u ON u.user_id = a.provider_user_id
       WHERE a.clinic_id = $1 AND a.scheduled_start >= $2 AND a.scheduled_start < $3 ORDER BY a.scheduled_start, a.appointment_id LIMIT 100`, values);
    await audit(pool, request, 'list_appointments', null, null, null);
    const total = rows[0]?.total ?? 0;
    return { appointments: rows, pagination: { total, page: 1, per_page: 100, has_next: total > 100, has_prev: false } };
  });

  app.post('/api/appointments', { preHandler: needs('appointment_create') }, async (request, reply) => {
    const { patient_id, provider_user_id, scheduled_start, scheduled_end } = request.body;
    const { clinic_id, user_id } = request.user;
    try {
      const appointment = await transaction(async (db) => {
        const provider = await query(db, 'provider',
          `SELECT d.user_id FROM doctors d JOIN memberships m ON m.user_id = d.user_id
           WHERE m.clinic_id = $1 AND d.user_id = $2 AND d.is_active AND m.is_active FOR NO KEY UPDATE OF d`, [clinic_id, provider_user_id]);
        const patient = await query(db, 'brief', `SELECT patient_id FROM patients WHERE clinic_id = $1 AND patient_id = $2 AND deleted_at IS NULL`,
          [clinic_id, patient_id]);
        if (!provider.rows.length || !patient.rows.length) throw Object.assign(new Error('not found'), { statusCode: 404 });
        const { rows } = await query(db, 'book',
          `INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status, status_changed_at,
             created_at, updated_at, created_by)
           VALUES ($1, 'X' || nextval('appointments_appointment_id_seq'), $2, $3, $4, $5, 'scheduled', now(), now(), now(), $6) RETURNING *`,
          [clinic_id, patient_id, provider_user_id, scheduled_start, scheduled_end, user_id]);
        await query(db, 'state', `INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES ($1, $2, 'scheduled', now(), $3)`,
          [clinic_id, rows[0].appointment_id, user_id]);
        await audit(db, request, 'create_appointment', patient_id, 'appointment', rows[0].appointment_id);
        return rows[0];
      });
      return reply.code(201).send({ message: 'Appointment created successfully', appointment });
    } catch (error) {
      if (error.code === '23P01') return reply.code(409).send({ error: 'Provider already has an appointment at this time' });
      throw error;
    }
  });

  app.put('/api/appointments/:id', { preHandler: needs('appointment_flow') }, async (request) => {
    const { clinic_id, user_id } = request.user;
    const id = Number(request.params.id);
    const appointment = await transaction(async (db) => {
      const { rows } = await query(db, 'complete',
        `UPDATE appointments SET status = 'completed', status_changed_at = now(), updated_at = now(), version = version + 1
         WHERE clinic_id = $1 AND appointment_id = $2 AND status IN ('scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review') RETURNING *`, [clinic_id, id]);
      if (!rows.length) throw Object.assign(new Error('conflict'), { statusCode: 409 });
      await query(db, 'state-done', `INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES ($1, $2, 'completed', now(), $3)`, [clinic_id, id, user_id]);
      const cpt = await query(db, 'cpt',
        `INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, unit_price_minor, currency,
           performed_at, created_at, created_by)
         SELECT $1, $2, $3, $4, service_id, code, description, price_minor, currency, now(), now(), $5 FROM fee_schedule
         WHERE clinic_id = $1 AND is_default RETURNING cpt_id`, [clinic_id, id, rows[0].patient_id, rows[0].provider_user_id, user_id]);
      await audit(db, request, 'update_appointment', rows[0].patient_id, 'appointment', id);
      return { ...rows[0], cpt_id: cpt.rows[0].cpt_id };
    });
    return { message: 'Appointment updated successfully', appointment };
  });

  app.post('/api/invoices', { preHandler: needs('invoice_write') }, async (request, reply) => {
    const { clinic_id, user_id } = request.user;
    const invoice = await transaction(async (db) => {
      const { rows } = await query(db, 'procedure',
        `SELECT c.* FROM cpt_records c JOIN appointments a ON a.clinic_id = c.clinic_id AND a.appointment_id = c.appointment_id
         WHERE c.clinic_id = $1 AND c.appointment_id = $2 AND a.status = 'completed'`, [clinic_id, request.body.appointment_id]);
      if (!rows.length) throw Object.assign(new Error('not completed'), { statusCode: 400 });
      const cpt = rows[0];
      const made = await query(db, 'invoice',
        `INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at, created_at, updated_at, created_by)
         VALUES ($1, 'X' || nextval('invoices_invoice_id_seq'), $2, $3, $4, $5, $6, now(), now(), now(), $7) RETURNING *`,
        [clinic_id, cpt.appointment_id, cpt.patient_id, cpt.cpt_id, cpt.currency, cpt.unit_price_minor, user_id]);
      await query(db, 'line',
        `INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor)
         VALUES ($1, $2, 1, $3, $4, 1, $5, $5)`, [clinic_id, made.rows[0].invoice_id, cpt.code, cpt.description, cpt.unit_price_minor]);
      await audit(db, request, 'create_invoice', cpt.patient_id, 'invoice', made.rows[0].invoice_id);
      return made.rows[0];
    });
    return reply.code(201).send({ message: 'Invoice created successfully', invoice });
  });

  app.get('/readyz', async () => ({ status: 'ready' }));
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
}
