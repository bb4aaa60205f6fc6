"""The plugin's second version: a column for rows that are there, a table more, a sum written."""

from jishi.db import BigInt, Table, Text, add_column, create_table, create_unique_index, sql


class Note(Table, tablename="later_notes"):
    id = Text(primary_key=True)
    order_id = Text()
    total = BigInt()
    stars = BigInt()


class Sum(Table, tablename="later_sums"):
    id = Text(primary_key=True)
    total = BigInt()


_ADD = (
    "INSERT INTO later_sums (id, total) SELECT 'all', CAST(sum(total) AS BIGINT) FROM later_notes"
)

OPERATIONS = (
    add_column(Note, "stars", existing=5),
    create_table(Sum),
    create_unique_index("later_notes_once", "later_notes", "order_id", "stars"),
    sql(sqlite=_ADD, postgresql=_ADD),
)
