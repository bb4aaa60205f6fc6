"""What the installed pgqueuer wants, under our prefix."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from jishi.db import Operation, sql
from jishi.events.queue_names import SETTINGS

OPERATIONS: tuple[Operation, ...] = (
    sql(postgresql=QueryBuilderEnvironment(SETTINGS).build_install_query()),
)
