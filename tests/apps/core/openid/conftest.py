"""North’s own sign-in, and Theo, who is signed in there."""

import pytest
from tests.authenticator_app import with_second_step
from tests.openid_provider import running, saved


@pytest.fixture
def provider():
    """North's provider, at which Theo is signed in."""
    with running() as one:
        one.account = {"sub": "theo-there", "email": "theo@example.org", "email_verified": True}
        yield one


@pytest.fixture
def north(world, provider):
    """The id under which North's coordinator saved it."""
    return saved(provider, by=world.CORA, place=world.NORTH)


@pytest.fixture
def theo(world):
    """The secret of Theo's authenticator app."""
    return with_second_step(world.THEO)
