"""What every kind of program must hold, whoever adds one."""

import pytest

from commonground.apps.programs.kinds import kinds
from commonground.apps.roster.grades import GRADES


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.key)
def test_a_kind_is_whole(kind):
    assert kind.key == kinds()[kind.key].key
    assert set(kind.grades) <= set(GRADES)
    assert kind.day_count >= 1
    assert kind.field_day is None or 1 <= kind.field_day <= kind.day_count
    assert len({key for key, _words in kind.themes}) == len(kind.themes)
    assert any(consent.is_needed for consent in kind.consents)
    assert all(str(words) for words in (kind.title, kind.about, kind.certificate))


def test_gamma_is_five_days_for_grades_six_to_eight_with_a_field_experience_on_the_fifth():
    """Seed document 000, strategy four; the four themes stand there too."""
    gamma = kinds()["gamma"]

    assert (gamma.grades, gamma.day_count, gamma.field_day) == (("06", "07", "08"), 5, 5)
    assert gamma.asks_meals
    assert [key for key, _words in gamma.themes] == ["self-identity", "community", "equity", "integration"]
