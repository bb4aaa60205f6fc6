"""Check a published draw: ``python -m jishi_live_stream.verify proof.json``.

Needs nothing but the file: no shop, no database, no network.
"""

import sys
from pathlib import Path

import msgspec

from jishi_live_stream.draws import Proof, verify


def main(path: str) -> int:
    """Read a proof, say what is wrong with it; 0 when nothing is.

    Args:
        path: What ``GET /live_stream/draws/{id}/proof`` answered.
    """
    try:
        proof = msgspec.json.decode(Path(path).read_bytes(), type=Proof)
    except (OSError, msgspec.DecodeError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 2
    wrong = verify(proof)
    for sentence in wrong:
        sys.stdout.write(f"WRONG: {sentence}\n")
    if not wrong:
        many = (len(proof.entries), len(proof.winners))
        sys.stdout.write(f"{proof.draw}: {many[0]} entries, {many[1]} winners: all as promised\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else 2)
