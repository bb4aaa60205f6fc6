"""What membership asks the database."""

# One statement counts and decides, so that processes cannot both take the last one.
COUNT = """
INSERT INTO membership_limits (key, used, since_at) VALUES ($1, 1, $2)
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN membership_limits.since_at <= $3 THEN 1 ELSE membership_limits.used + 1 END,
    since_at = CASE WHEN membership_limits.since_at <= $3 THEN $2
        ELSE membership_limits.since_at END
RETURNING used, since_at
"""

KEEP_CODE = """
INSERT INTO membership_codes (kind, value, purpose, hash, tries, sent_at, expires_at)
VALUES ($1, $2, $3, $4, 0, $5, $6)
ON CONFLICT (kind, value, purpose) DO UPDATE SET
    hash = excluded.hash, tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at
"""

# The row stays locked until the login is in force, so a second one waits and finds it gone.
TRY_CODE = """
UPDATE membership_codes SET tries = tries + 1
WHERE kind = $1 AND value = $2 AND purpose = $3 AND tries < $4 AND expires_at > $5
RETURNING hash
"""

USE_CODE = "DELETE FROM membership_codes WHERE kind = $1 AND value = $2 AND purpose = $3"

OWNER_OF = """
SELECT member_id FROM membership_identities WHERE kind = $1 AND value = $2 AND issuer = $3
"""

MEMBER = "SELECT id, name, joined_at FROM membership_members WHERE id = $1"
LOCK_MEMBER = MEMBER + " FOR UPDATE"
NAME_MEMBER = "UPDATE membership_members SET name = $2 WHERE id = $1"

IDENTITIES = """
SELECT id, kind, value, issuer, added_at FROM membership_identities
WHERE member_id = $1 ORDER BY id
"""
IDENTITIES_OF = """
SELECT member_id, kind, value, issuer FROM membership_identities
WHERE member_id = ANY($1) ORDER BY id
"""
DETACH = "DELETE FROM membership_identities WHERE id = $1 AND member_id = $2"

MEMBERS = """
SELECT id, name, joined_at FROM membership_members
WHERE id < $1 ORDER BY id DESC LIMIT $2
"""
MEMBERS_LIKE = """
SELECT m.id, m.name, m.joined_at FROM membership_members m
WHERE m.id < $1 AND (lower(m.name) LIKE $3 ESCAPE '!' OR m.id = $4 OR EXISTS (
    SELECT 1 FROM membership_identities i
    WHERE i.member_id = m.id AND i.value LIKE $3 ESCAPE '!'))
ORDER BY m.id DESC LIMIT $2
"""

SESSION = """
SELECT id, member_id, expires_at FROM membership_tokens
WHERE hash = $1 AND ended_at IS NULL AND expires_at > $2
"""
SESSIONS = """
SELECT id, channel, created_at, expires_at FROM membership_tokens
WHERE member_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id
"""
END_SESSION = """
UPDATE membership_tokens SET ended_at = $3
WHERE member_id = $1 AND id = $2 AND ended_at IS NULL RETURNING hash
"""
END_SESSION_BY_HASH = """
UPDATE membership_tokens SET ended_at = $2 WHERE hash = $1 AND ended_at IS NULL
"""

ADDRESSES = """
SELECT id, address, is_default FROM membership_addresses WHERE member_id = $1 ORDER BY id
"""
COUNT_ADDRESSES = "SELECT count(*) FROM membership_addresses WHERE member_id = $1"
CHANGE_ADDRESS = """
UPDATE membership_addresses SET address = $3, updated_at = $4 WHERE id = $1 AND member_id = $2
"""
REMOVE_ADDRESS = "DELETE FROM membership_addresses WHERE id = $1 AND member_id = $2"
NO_DEFAULT = """
UPDATE membership_addresses SET is_default = 'no'
WHERE member_id = $1 AND is_default = 'yes' AND id <> $2
"""
DEFAULT = "UPDATE membership_addresses SET is_default = 'yes' WHERE id = $1 AND member_id = $2"
FIRST_IF_NO_DEFAULT = """
SELECT min(id) FROM membership_addresses WHERE member_id = $1
HAVING sum(CASE WHEN is_default = 'yes' THEN 1 ELSE 0 END) = 0
"""

FORGET_CODES = "DELETE FROM membership_codes WHERE expires_at < $1"
FORGET_LIMITS = "DELETE FROM membership_limits WHERE since_at < $1"
FORGET_SESSIONS = "DELETE FROM membership_tokens WHERE expires_at < $1"
