"""What tests of a shop, its plugins and its themes stand on.

pytest loads this by entry point wherever Jishi is installed, so its fixtures need no import:

- `database_url`: an empty database, once on SQLite and once on PostgreSQL (`postgres`)
- `fresh_postgres_url`, `postgres_url`: PostgreSQL alone (`postgres`)
- `migrated_database_url`: the same with the core's tables in it (`migrated`)
- a shop with goods in it (`shop`)
- contracts for plugins of every kind, to subclass (`contracts`)
- the ledger without its guards, for positive controls (`unguarded`)
- tests that chance and a busy machine must not fail (`patience`)

pytest imports this before it measures anything; run `coverage run -m pytest`, not `pytest --cov`,
to see what a suite covers.
"""

import pytest

pytest_plugins = [
    "jishi.testing.postgres",
    "jishi.testing.migrated",
    "jishi.testing.shop",
    "jishi.testing.unguarded",
    "jishi.testing.patience",
    "jishi.testing.contracts.promises",
]

pytest.register_assert_rewrite(
    *(
        f"jishi.testing.contracts.{kind}"
        for kind in ("plugin", "pricing", "fulfilment", "review", "till")
    ),
    "jishi.testing.contracts.payment",
)
