-- How many of its first characters a word has in common with the word before it of the same chart. A search for a prefix that is longer
-- than this meets the chart here first; so it counts each chart once without grouping what it finds.
ALTER TABLE patient_tokens ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

WITH RECURSIVE lengths (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM lengths WHERE n < 64),
    neighbours AS (
        SELECT clinic_id, token, patient_id, lag(token) OVER (PARTITION BY clinic_id, patient_id ORDER BY token) AS before FROM patient_tokens)
UPDATE patient_tokens SET shared = (
    SELECT coalesce(max(n), 0) FROM lengths
    WHERE n <= length(patient_tokens.token) AND substr(neighbours.before, 1, n) = substr(patient_tokens.token, 1, n))
FROM neighbours
WHERE neighbours.before IS NOT NULL AND neighbours.clinic_id = patient_tokens.clinic_id AND neighbours.token = patient_tokens.token
    AND neighbours.patient_id = patient_tokens.patient_id AND substr(neighbours.before, 1, 1) = substr(patient_tokens.token, 1, 1);
