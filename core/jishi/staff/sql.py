"""What staff ask the database."""

_PERSON = "SELECT id, email, name, role, standing, created_at FROM staff_people "
PEOPLE = _PERSON + "ORDER BY id"
PERSON = _PERSON + "WHERE id = $1"
LOCK_PERSON = PERSON + " FOR UPDATE"
BY_EMAIL = "SELECT id, password, standing FROM staff_people WHERE email = $1"
KEPT_PASSWORD = "SELECT password FROM staff_people WHERE id = $1"  # noqa: S105
CHANGE_PERSON = "UPDATE staff_people SET name = $2, role = $3, standing = $4 WHERE id = $1"
CHANGE_PASSWORD = "UPDATE staff_people SET password = $2 WHERE id = $1"  # noqa: S105
# In the order of ids, so that two who take each other's ownership away meet, not deadlock.
LOCK_OWNERS = """
SELECT id FROM staff_people WHERE role = 'owner' AND standing = 'active' ORDER BY id FOR UPDATE
"""
OWNERS = "SELECT count(*) FROM staff_people WHERE role = 'owner'"
WITH_ROLE = "SELECT count(*) FROM staff_people WHERE role = $1"

ROLES = "SELECT name, scopes FROM staff_roles ORDER BY name"
KEEP_ROLE = """
INSERT INTO staff_roles (name, scopes, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET scopes = excluded.scopes, changed_at = excluded.changed_at
"""
REMOVE_ROLE = "DELETE FROM staff_roles WHERE name = $1"

SESSION = """
SELECT p.id, p.role, r.scopes, f.person_id FROM staff_tokens t
JOIN staff_people p ON p.id = t.person_id LEFT JOIN staff_roles r ON r.name = p.role
LEFT JOIN staff_second_factors f ON f.person_id = p.id AND f.state = 'active'
WHERE t.hash = $1 AND t.ended_at IS NULL AND t.expires_at > $2 AND p.standing = 'active'
"""
END_SESSION = "UPDATE staff_tokens SET ended_at = $2 WHERE hash = $1 AND ended_at IS NULL"
END_SESSIONS = "UPDATE staff_tokens SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL"

FACTOR = "SELECT secret, state FROM staff_second_factors WHERE person_id = $1"
ACTIVATE_FACTOR = """
UPDATE staff_second_factors SET state = 'active', last_step = $2, confirmed_at = $3
WHERE person_id = $1
"""
USE_STEP = """
UPDATE staff_second_factors SET last_step = $2 WHERE person_id = $1 AND last_step < $2
"""
USE_CODE = """
UPDATE staff_recovery_codes SET used_at = $3
WHERE person_id = $1 AND hash = $2 AND used_at IS NULL
"""
FORGET_FACTOR = "DELETE FROM staff_second_factors WHERE person_id = $1"
FORGET_CODES = "DELETE FROM staff_recovery_codes WHERE person_id = $1"

# Counted before the password is looked at, so that a hundred at once are not all the first.
# No row: locked.
TRY = """
INSERT INTO staff_lockouts (key, tries, tried_at, locked_until_at) VALUES ($1, 1, $2, NULL)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN staff_lockouts.tried_at < $3 THEN 1 ELSE staff_lockouts.tries + 1 END,
    tried_at = $2, locked_until_at = NULL
WHERE staff_lockouts.locked_until_at IS NULL OR staff_lockouts.locked_until_at <= $2
RETURNING tries
"""
LOCK = "UPDATE staff_lockouts SET locked_until_at = $2 WHERE key = $1"
LOCKED_UNTIL = "SELECT locked_until_at FROM staff_lockouts WHERE key = $1"
FORGIVE = "DELETE FROM staff_lockouts WHERE key = $1"
TAKE_BACK = """
UPDATE staff_lockouts SET tries = tries - 1, locked_until_at = NULL WHERE key = $1 AND tries > 0
"""

LOCK_HEAD = "SELECT position, hash FROM staff_audit_head WHERE id = 'head' FOR UPDATE"
MOVE_HEAD = "UPDATE staff_audit_head SET position = $1, hash = $2 WHERE id = 'head'"
HEAD = "SELECT position, hash FROM staff_audit_head WHERE id = 'head'"
_ENTRY = """
SELECT position, entered_at, actor, action, subject, detail, request_id, address, previous, hash
FROM staff_audit
"""
AUDIT_UP = _ENTRY + "WHERE position > $1 ORDER BY position LIMIT $2"
AUDIT_DOWN = _ENTRY + "WHERE position < $1 ORDER BY position DESC LIMIT $2"
AUDIT_OF = _ENTRY + "WHERE position < $1 AND subject = $3 ORDER BY position DESC LIMIT $2"

FORGET_LOCKOUTS = "DELETE FROM staff_lockouts WHERE tried_at < $1"
FORGET_SESSIONS = "DELETE FROM staff_tokens WHERE expires_at < $1"
