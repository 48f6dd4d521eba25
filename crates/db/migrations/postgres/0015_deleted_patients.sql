-- The charts that were deleted are few; lists of what belongs to charts leave theirs out.

CREATE INDEX patients_deleted ON patients (clinic_id, patient_id) WHERE deleted_at IS NOT NULL;
