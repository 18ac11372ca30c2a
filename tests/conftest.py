"""What every test shares: no test is gated on a time, and an outsider's settings do not reach the tests."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ("tests.databases",)

# The same examples each time, so that a change is judged by what it changes; `make explore` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("explore", deadline=None, max_examples=3_000)
settings.load_profile(os.environ.get("XUESHI_TEST_EXAMPLES", "same"))
for name in [name for name in os.environ if name.startswith("XUESHI_") and not name.startswith("XUESHI_TEST_")]:
    del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a server or a browser, so that `make fast` can leave it out."""
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {}).values()
        names = getattr(item, "fixturenames", ())
        if "postgresql" in values or "postgres" in names or "new_postgres" in names:
            item.add_marker("postgres")
        if {"Page", "Browser"} & vars(getattr(item, "module", None) or object).keys():
            item.add_marker("chromium")
