-- The reports of a chart by their time, as its timeline reads them; the other indexes have the most urgent ones first.

CREATE INDEX lab_reports_timeline ON lab_reports (clinic_id, patient_id, created_at, lab_report_id) WHERE deleted_at IS NULL;
