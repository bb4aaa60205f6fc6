"""What loyalty knows about people is declared, table by table and column by column."""

from jishi_loyalty.personal import POINTS_PERSONAL
from jishi_loyalty.tables import POINTS_TABLES


def test_every_table_of_points_says_what_it_knows():
    known = {one.table: one.columns for one in POINTS_PERSONAL}
    tables = {
        table._meta.tablename: frozenset(
            column._meta.db_column_name for column in table._meta.columns
        )
        for table in POINTS_TABLES
    }
    assert known == tables
