"""A plugin's first tables: one that copies what is there, with an index and a rule."""

from jishi.db import BigInt, Table, Text, check, create_index, create_table, sql


class Note(Table, tablename="later_notes"):
    id = Text(primary_key=True)
    order_id = Text()
    total = BigInt()


_COPY = (
    "INSERT INTO later_notes (id, order_id, total) SELECT 'n' || id, id, total FROM orders_orders"
)

OPERATIONS = (
    create_table(Note, [check("total >= 0", "later_notes_total")]),
    sql(sqlite=_COPY, postgresql=_COPY),
    create_index("later_notes_order", "later_notes", "order_id"),
)
