"""What all tests share."""

import os

import pytest
from hypothesis import settings

import containers

settings.register_profile("default", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def image() -> str:
    """Build the image once and return its name."""
    containers.build()
    return containers.IMAGE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip container tests where there is no engine."""
    for item in items:
        if "container" in item.keywords and containers.why_not():
            item.add_marker(pytest.mark.skip(reason=containers.why_not()))
