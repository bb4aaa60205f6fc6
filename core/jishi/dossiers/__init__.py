"""Everything known about a person: gathered, given out, forgotten, kept no longer than needed.

The rooms and plugins declare what their tables know (`jishi.personal`); here it is done.
"""

from jishi.dossiers.erase_member import erase_member
from jishi.dossiers.gather import gather
from jishi.dossiers.keep_for_days import keep_for_days, periods
from jishi.dossiers.object_to_erasure import objections_to_erasure
from jishi.dossiers.register import forgotten, personal_tables, schema_of
from jishi.dossiers.reseal import Resealed, keys_in_use, reseal
from jishi.dossiers.structs import Dossier, Erased, Found, Leaving, Look

__all__ = [
    "Dossier",
    "Erased",
    "Found",
    "Leaving",
    "Look",
    "Resealed",
    "erase_member",
    "forgotten",
    "gather",
    "keep_for_days",
    "keys_in_use",
    "objections_to_erasure",
    "periods",
    "personal_tables",
    "reseal",
    "schema_of",
]
