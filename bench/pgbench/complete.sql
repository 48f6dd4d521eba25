\set id :open + :m * 16 + :client_id
\set m :m + 1
BEGIN;
UPDATE appointments SET status = 'completed', status_changed_at = now(), updated_at = now(), version = version + 1 WHERE clinic_id = 1 AND appointment_id = :id RETURNING patient_id AS patient, provider_user_id AS doctor \gset
INSERT INTO appointment_states (clinic_id, appointment_id, status, at, user_id) VALUES (1, :id, 'completed', now(), 1);
INSERT INTO cpt_records (clinic_id, appointment_id, patient_id, provider_user_id, service_id, code, description, unit_price_minor, currency, performed_at, created_at, created_by) SELECT 1, :id, :patient, :doctor, service_id, code, description, price_minor, currency, now(), now(), 1 FROM fee_schedule WHERE clinic_id = 1 AND is_default RETURNING cpt_id AS cpt \gset
INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id) VALUES (1, now(), 1, 'admin', 'update_appointment', 'allowed', :patient, 'appointment', :id, '127.0.0.1', 'limit');
INSERT INTO outbox (clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at) VALUES (1, 'appointment.status_changed', 'appointment', :id, 'appointment.read', :patient, '{}', now());
COMMIT;
BEGIN;
SELECT cpt_id, code, description, unit_price_minor FROM cpt_records WHERE clinic_id = 1 AND appointment_id = :id;
INSERT INTO invoices (clinic_id, number, appointment_id, patient_id, cpt_id, currency, total_minor, issued_at, created_at, updated_at, created_by) VALUES (1, 'L' || :id, :id, :patient, :cpt, 'USD', 12500, now(), now(), now(), 1) RETURNING invoice_id AS invoice \gset
INSERT INTO invoice_lines (clinic_id, invoice_id, line_no, code, description, units, unit_price_minor, amount_minor) VALUES (1, :invoice, 1, 'VISIT', 'Visit', 1, 12500, 12500);
INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, resource, resource_id, address, request_id) VALUES (1, now(), 1, 'admin', 'create_invoice', 'allowed', :patient, 'invoice', :invoice, '127.0.0.1', 'limit');
COMMIT;
