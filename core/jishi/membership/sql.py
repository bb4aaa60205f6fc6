"""What membership asks the database."""

# ruff: noqa: S608  all of it is our own text

# All ids of the member in $1, who is a survivor: his own and those merged into him.
_HIS = "(SELECT $1::text UNION ALL SELECT member_id FROM membership_aliases WHERE survivor = $1)"

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

MEMBER = "SELECT id, name, joined_at FROM membership_members WHERE id = $1"
MEMBER_NOW = """
SELECT id, name, joined_at FROM membership_members WHERE id = COALESCE((
    SELECT survivor FROM membership_aliases WHERE member_id = $1
), $1)
"""
LOCK_MEMBER = MEMBER + " FOR UPDATE"
NAME_MEMBER = "UPDATE membership_members SET name = $2 WHERE id = $1"

IDENTITIES = f"""
SELECT id, kind, value, issuer, added_at, source, verified_at FROM membership_identities
WHERE member_id IN {_HIS} ORDER BY id
"""
IDENTITIES_OF = """
SELECT id, member_id, kind, value, issuer FROM membership_identities
WHERE member_id = ANY($1) ORDER BY id
"""
DETACH = f"DELETE FROM membership_identities WHERE member_id IN {_HIS} AND id = $2"

_HIMSELF = "NOT EXISTS (SELECT 1 FROM membership_aliases a WHERE a.member_id = m.id)"
MEMBERS = f"""
SELECT m.id, m.name, m.joined_at FROM membership_members m
WHERE m.id < $1 AND {_HIMSELF} ORDER BY m.id DESC LIMIT $2
"""
# What is sealed is not searched in: its letters mean nothing.
_MEANT = """
    (i.fingerprint = ANY($5) OR (i.value LIKE $3 ESCAPE '!' AND substr(i.value, 1, 3) <> 's1.'))
"""
MEMBERS_LIKE = f"""
SELECT m.id, m.name, m.joined_at FROM membership_members m
WHERE m.id < $1 AND {_HIMSELF} AND (
    (lower(m.name) LIKE $3 ESCAPE '!' AND substr(m.name, 1, 3) <> 's1.')
    OR m.id = $4 OR EXISTS (
        SELECT 1 FROM membership_identities i WHERE i.member_id = m.id AND {_MEANT}
    ) OR m.id IN (
        SELECT a.survivor FROM membership_aliases a
        WHERE a.member_id = $4 OR EXISTS (
            SELECT 1 FROM membership_identities i WHERE i.member_id = a.member_id AND {_MEANT})))
ORDER BY m.id DESC LIMIT $2
"""

SESSION = """
SELECT id, COALESCE((
    SELECT survivor FROM membership_aliases AS a WHERE a.member_id = membership_tokens.member_id
), member_id), expires_at FROM membership_tokens
WHERE hash = $1 AND ended_at IS NULL AND expires_at > $2
"""
SESSIONS = f"""
SELECT id, channel, created_at, expires_at FROM membership_tokens
WHERE member_id IN {_HIS} AND ended_at IS NULL AND expires_at > $2 ORDER BY id
"""
END_SESSION = f"""
UPDATE membership_tokens SET ended_at = $3
WHERE member_id IN {_HIS} AND id = $2 AND ended_at IS NULL RETURNING hash
"""
END_SESSION_BY_HASH = """
UPDATE membership_tokens SET ended_at = $2 WHERE hash = $1 AND ended_at IS NULL
"""

# The default of the survivor comes first: the others' may have one as well.
ADDRESSES = f"""
SELECT id, address, is_default, member_id FROM membership_addresses
WHERE member_id IN {_HIS} ORDER BY id
"""
COUNT_ADDRESSES = f"SELECT count(*) FROM membership_addresses WHERE member_id IN {_HIS}"
CHANGE_ADDRESS = f"""
UPDATE membership_addresses SET address = $3, updated_at = $4
WHERE member_id IN {_HIS} AND id = $2
"""
REMOVE_ADDRESS = f"DELETE FROM membership_addresses WHERE member_id IN {_HIS} AND id = $2"
NO_DEFAULT = f"""
UPDATE membership_addresses SET is_default = 'no'
WHERE member_id IN {_HIS} AND is_default = 'yes' AND id <> $2
"""
DEFAULT = f"""
UPDATE membership_addresses SET is_default = 'yes' WHERE member_id IN {_HIS} AND id = $2
"""
FIRST_IF_NO_DEFAULT = f"""
SELECT min(id) FROM membership_addresses WHERE member_id IN {_HIS}
HAVING sum(CASE WHEN is_default = 'yes' THEN 1 ELSE 0 END) = 0
"""

FORGET_CODES = "DELETE FROM membership_codes WHERE expires_at < $1"
FORGET_LIMITS = "DELETE FROM membership_limits WHERE since_at < $1"
FORGET_SESSIONS = "DELETE FROM membership_tokens WHERE expires_at < $1"

_ALIAS = "SELECT member_id, parent, survivor, merge_id FROM membership_aliases"
SURVIVOR = "SELECT survivor FROM membership_aliases WHERE member_id = $1"
ALIAS = f"{_ALIAS} WHERE member_id = ANY($1) ORDER BY member_id"
ALIASES = f"{_ALIAS} WHERE survivor = ANY($1) ORDER BY member_id"
ALIASES_AROUND = f"""
{_ALIAS} WHERE survivor = ANY($1) OR member_id = ANY($1) ORDER BY member_id
"""
MOVE_ALIASES = """
UPDATE membership_aliases SET survivor = $2 WHERE member_id = ANY($1)
"""
END_ALIAS = "DELETE FROM membership_aliases WHERE member_id = $1"
LOCK_MEMBERS = """
SELECT id FROM membership_members WHERE id = ANY($1) ORDER BY id FOR UPDATE
"""

_MERGE = "SELECT id, kind, source, target, of_merge FROM membership_merges"
MERGE = f"{_MERGE} WHERE id = $1"
PARTED = f"{_MERGE} WHERE kind = 'part' AND target = $1 ORDER BY id DESC LIMIT 1"
MERGES_OF = """
SELECT id, kind, source, target, of_merge, actor, confidence, evidence, made_at
FROM membership_merges WHERE source = ANY($1) OR target = ANY($1) ORDER BY id
"""
EFFECTS_OF_MERGE = """
SELECT plugin, version, effect FROM membership_effects WHERE merge_id = $1 ORDER BY id
"""

PAIR = """
SELECT id, one, other, state, confidence, evidence, found_at, decided_at, decided_by
FROM membership_pairs WHERE id = $1
"""
PAIRS = """
SELECT id, one, other, state, confidence, evidence, found_at, decided_at, decided_by
FROM membership_pairs WHERE state = $1 AND (confidence, id) < ($2, $3)
ORDER BY confidence DESC, id DESC LIMIT $4
"""
PAIRS_BETWEEN = """
SELECT id, one, other, state FROM membership_pairs
WHERE (one = ANY($1) AND other = ANY($2)) OR (one = ANY($2) AND other = ANY($1))
"""
KEEP_PAIR = """
INSERT INTO membership_pairs (id, one, other, state, confidence, evidence, found_at)
VALUES ($1, $2, $3, 'open', $4, $5, $6)
ON CONFLICT (one, other) DO UPDATE SET
    confidence = excluded.confidence, evidence = excluded.evidence
WHERE membership_pairs.state = 'open'
"""
DECIDE_PAIR = """
INSERT INTO membership_pairs
    (id, one, other, state, confidence, evidence, found_at, decided_at, decided_by)
VALUES ($1, $2, $3, $4, 0, '[]', $5, $5, $6)
ON CONFLICT (one, other) DO UPDATE SET
    state = excluded.state, decided_at = excluded.decided_at, decided_by = excluded.decided_by
"""

# Both unique indexes lead with the kind. Values find what has no fingerprint yet, or another's.
_OWNER = "SELECT id, member_id, kind, value, issuer, verified_at, fingerprint"
OWNERS_OF = f"""
{_OWNER} FROM membership_identities WHERE kind = ANY($1) AND fingerprint = ANY($2)
UNION ALL
{_OWNER} FROM membership_identities WHERE kind = ANY($1) AND value = ANY($3)
"""
VERIFY = """
UPDATE membership_identities SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL
"""
DROP_CLAIM = "DELETE FROM membership_identities WHERE id = $1 AND verified_at IS NULL"
UNPRINTED = """
SELECT id, value FROM membership_identities WHERE fingerprint IS NULL ORDER BY id LIMIT $1
"""
PRINT = """
UPDATE membership_identities SET fingerprint = $3
WHERE id = $1 AND value = $2 AND fingerprint IS NULL
"""
KNOWN_IDENTITIES = """
SELECT id, member_id, kind, value, issuer, verified_at FROM membership_identities
WHERE member_id = ANY($1) ORDER BY id
"""
TRAITS = """
SELECT id, member_id, kind, value FROM membership_traits
WHERE member_id = ANY($1) AND kind <> 'mark' ORDER BY id
"""
SAME_MARKS = "SELECT key, member_id FROM membership_traits WHERE key = ANY($1) LIMIT $2"
