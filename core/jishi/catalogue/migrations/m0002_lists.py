"""Brands are counted from an index; lists of a brand or a shelf are read in their order."""

from jishi.db import create_index, sql

_DROP = "DROP INDEX catalogue_publications_category"

OPERATIONS = (
    create_index(
        "catalogue_publications_brand", "catalogue_publications", "channel", "brand", "product"
    ),
    create_index(
        "catalogue_publications_shelf", "catalogue_publications", "channel", "category", "product"
    ),
    # The shelf's index holds all that this one did.
    sql(sqlite=_DROP, postgresql=_DROP),
)
