-- What holds of a chart, and what is booked for it, is found without walking through all that ever was.

CREATE INDEX chart_records_current ON chart_records (clinic_id, patient_id, recorded_at, record_id)
    WHERE deleted_at IS NULL AND status IN ('active', 'given');

CREATE INDEX appointments_open ON appointments (clinic_id, patient_id, scheduled_start, appointment_id)
    WHERE status IN ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review');
