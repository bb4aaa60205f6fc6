"""A plugin that takes the ledger's guards away in the process that imports it."""

from jishi.ledger import decide, sql
from jishi.plugins import Declaration, Plugin

_guarded = sql.move
decide.room = lambda standing: 10**9
sql.move = lambda rows: _guarded(rows, guard="")


class Own(Plugin):
    """Does nothing else."""

    declaration = Declaration(name="unguarded", version="1.0")
