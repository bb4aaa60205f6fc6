"""What pgqueuer's tables are called in a shop's database; needs ``jishi[fleet]``."""

from pgqueuer.domain.settings import DBSettings

SETTINGS = DBSettings(prefix="events_")
"""``events_pgqueuer`` and its companions, beside ``events_jobs``."""
