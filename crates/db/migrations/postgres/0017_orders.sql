-- The orders in which a clinic's reports and procedures can be listed beside those that have an index already.

CREATE INDEX lab_reports_created ON lab_reports (clinic_id, created_at, lab_report_id) WHERE deleted_at IS NULL;
CREATE INDEX lab_reports_title ON lab_reports (clinic_id, title, lab_report_id) WHERE deleted_at IS NULL;
CREATE INDEX cpt_records_code ON cpt_records (clinic_id, code, performed_at, cpt_id);
