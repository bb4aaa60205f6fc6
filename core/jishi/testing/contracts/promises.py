"""What makes a class of tests a contract: its promises stay as they are."""

from typing import ClassVar

import pytest


class Promises:
    """Tests that a subclass inherits and may not change.

    Attributes:
        broken: Promises that are known to be broken, with the reason. They are expected to
            fail; one that holds again fails the run until its line is removed.
    """

    broken: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Refuse a promise that is overridden, and a reason for one that does not exist."""
        super().__init_subclass__()
        if cls.__module__.startswith("jishi.testing.contracts."):
            return
        for name in vars(cls):
            if name.startswith("test_") and any(name in vars(base) for base in cls.__mro__[1:]):
                raise TypeError(
                    f"{cls.__name__}.{name} overrides a promise. Give it another name; if the "
                    f'promise is broken, say why: broken = {{"{name}": "..."}}'
                )
        for name, reason in cls.broken.items():
            if not callable(getattr(cls, name, None)) or not reason:
                raise TypeError(
                    f"{cls.__name__}.broken names {name!r}: expected a promise and its reason"
                )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect broken promises to fail, strictly."""
    for item in items:
        kept_by = getattr(item, "cls", None)
        if isinstance(kept_by, type) and issubclass(kept_by, Promises):
            name = getattr(item, "originalname", item.name)
            if name in kept_by.broken:
                item.add_marker(pytest.mark.xfail(strict=True, reason=kept_by.broken[name]))
