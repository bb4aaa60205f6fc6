"""A shop that seals."""

import pytest


@pytest.fixture
def shop_tables(shop_tables, tmp_path):
    (tmp_path / "seal").write_text("1" * 64)
    return shop_tables | {"sealing": {"keys": [{"id": "1", "secret": {"file": "seal"}}]}}
