-- Whoever has just reset a password by mail has guesses of their own from where they did it, however strangers go on guessing.

-- +up
ALTER TABLE tessera.one_time_secrets ADD COLUMN used_from inet;
CREATE INDEX one_time_secrets_reset_idx ON tessera.one_time_secrets (subject_id, used_at) WHERE purpose = 'password_reset' AND used_from IS NOT NULL;

-- +down
DROP INDEX tessera.one_time_secrets_reset_idx;
ALTER TABLE tessera.one_time_secrets DROP COLUMN used_from;
