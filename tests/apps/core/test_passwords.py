"""Long passwords that are easy to guess."""

import pytest
from django.core.exceptions import ValidationError

from commonground.apps.core.passwords import EasyPatternValidator


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaaaa", "abcabcabcabcabc", "Commonground-2026", "Baseball1234567!", "passwordpassword"]
)
def test_a_repetition_and_a_common_word_in_digits_are_refused(password):
    with pytest.raises(ValidationError):
        EasyPatternValidator().validate(password)


@pytest.mark.parametrize(
    "password", ["three herons at dawn", "Tårnet over fjorden", "воробьи на крыше дома", "x7#kQ9!mZ2@pL4$v"]
)
def test_a_few_words_in_a_row_are_enough_in_any_script(password):
    EasyPatternValidator().validate(password)
