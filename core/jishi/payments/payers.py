"""Who pays, as it is stored: sealed where the build has keys."""

import msgspec

from jishi.db import Reads
from jishi.payments.structs import Attempt
from jishi.sealing import closed, opened

_PAYER = "payments_attempts.payer"


def close_payer(reader: Reads, attempt: Attempt) -> Attempt:
    """An attempt as it is stored."""
    return msgspec.structs.replace(
        attempt, payer=closed(reader, attempt.payer, _PAYER, attempt.id)
    )


def open_payer(reader: Reads, attempt: Attempt) -> Attempt:
    """An attempt whose payer can be read; one that is open already stays so.

    Raises:
        SealBroken: He cannot be opened.
    """
    return msgspec.structs.replace(
        attempt, payer=opened(reader, attempt.payer, _PAYER, attempt.id)
    )
