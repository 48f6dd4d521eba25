\set patient random(1, :patients)
\set slot :n * 16 + :client_id
\set n :n + 1
\set doctor 2 + :slot % 40
\set turn :slot / 40
BEGIN;
SELECT d.user_id FROM doctors d JOIN memberships m ON m.user_id = d.user_id WHERE m.clinic_id = 1 AND d.user_id = :doctor AND d.is_active AND m.is_active FOR NO KEY UPDATE OF d;
SELECT patient_id FROM patients WHERE clinic_id = 1 AND patient_id = :patient AND deleted_at IS NULL;
INSERT INTO appointments (clinic_id, reference, patient_id, provider_user_id, scheduled_start, scheduled_end, status, status_changed_at, created_at, updated_at, created_by) VALUES (1, 'L' || nextval('appointments_appointment_id_seq'), :patient, :doctor, timestamptz '2060-01-01' + interval '15 minutes' * :turn, timestamptz '2060-01-01' + interval '15 minutes' * (:turn + 1), 'scheduled', now(), now(), now(), 1) RETURNING appointment_id AS id \gset
INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES (1, :id, 'scheduled', now(), 1);
INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id) VALUES (1, now(), 1, 'admin', 'create_appointment', 'allowed', :patient, 'appointment', :id, '127.0.0.1', 'limit');
INSERT INTO outbox (clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at) VALUES (1, 'appointment.created', 'appointment', :id, 'appointment.read', :patient, '{}', now());
COMMIT;
