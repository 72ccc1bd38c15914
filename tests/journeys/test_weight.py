"""What a first visit costs: pages that people open on a phone weigh under 100 KB, fonts and all."""

import pytest
from tests.journeys.browser import compressed_bytes
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize(
    ("key", "language"), [("ali", "en"), ("ali", "es"), ("ali", "so"), ("ali", "ar"), ("lena", "en")]
)
def test_todays_page_of_a_family_and_a_liaison_is_light(site, world, open_page, key: str, language: str) -> None:
    page = page_of(open_page, site, world.address(key), width=390)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site.url}])

    page.goto(site.url)
    page.wait_for_load_state("networkidle")

    weight = compressed_bytes(page)
    assert 30_000 < weight < 100_000
