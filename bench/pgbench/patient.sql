\set id random(1, :patients)
SELECT patient_id, mrn, first_name, last_name, dob, sex, email, phone, address, emergency_contact_name, emergency_contact_phone, external_reference, preferred_language, created_at, updated_at, created_by, version FROM patients WHERE clinic_id = 1 AND patient_id = :id AND deleted_at IS NULL;
INSERT INTO audit_events (clinic_id, at, user_id, role, action, outcome, patient_id, address, request_id) VALUES (1, now(), 1, 'admin', 'get_patient', 'allowed', :id, '127.0.0.1', 'limit');
