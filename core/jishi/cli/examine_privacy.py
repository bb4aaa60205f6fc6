"""What the doctor says of personal data: is it sealed, is every table declared."""

from collections.abc import AsyncIterator

from jishi.cli.diagnosis import Diagnosis, ok, problem
from jishi.dossiers import forgotten, keys_in_use
from jishi.sealing import sealing_of
from jishi.shop import Shop


async def examine_privacy(shop: Shop) -> AsyncIterator[Diagnosis]:
    """Look whether names, telephone numbers and addresses lie open."""
    ring, used = sealing_of(shop.config), await keys_in_use(shop)
    for missing in sorted(set(used) - {*ring.ids, ""}):
        yield problem(
            "sealing",
            f"{used[missing]} rows are sealed with the key {missing!r}, which the build lacks",
            "Put it back into [[sealing.keys]], before the newest.",
        )
    if ring.newest is None:
        yield Diagnosis(
            subject="sealing",
            state="advice",
            said="names, telephone numbers and addresses are stored in clear",
            next_step='Add [[sealing.keys]] with id = "k1" and secret = { env = "…" } '
            "(openssl rand -hex 32), then run: jishi seal again",
        )
    elif stale := sum(rows for name, rows in used.items() if name != ring.newest):
        yield Diagnosis(
            subject="sealing",
            state="advice",
            said=f"{stale} rows are not sealed with the newest key, {ring.newest}",
            next_step="jishi seal again",
        )
    else:
        yield ok("sealing", f"personal data is sealed with {ring.newest}")
    for said in await forgotten(shop):
        yield Diagnosis(
            subject="personal data",
            state="advice",
            said=said,
            next_step="Whoever owns the table declares it: register_personal_data.",
        )
