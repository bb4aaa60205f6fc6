"""Names of what is done once: made of who asks and the key he gives."""

import hashlib


def name_of(kind: str, who: str, key: str) -> str:
    """The same kind, asker and key give the same name; 32 letters."""
    return hashlib.sha256(f"{kind}\n{who}\n{key}".encode()).hexdigest()[:32]
