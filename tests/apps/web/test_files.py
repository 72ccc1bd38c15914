"""Fields for files: what is too large is refused by its size alone, here and before it is sent."""

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from commonground.web.files import LimitedFileField


class PaperForm(forms.Form):
    paper = LimitedFileField(most=5, too_large="Larger than 5 bytes. Scan it again.", required=False)


@pytest.mark.parametrize(
    ("content", "says"), [(b"1234", []), (b"12345", []), (b"123456", ["Larger than 5 bytes. Scan it again."])]
)
def test_a_file_is_taken_up_to_the_limit_and_none_past_it(content, says):
    form = PaperForm({}, {"paper": SimpleUploadedFile("paper.pdf", content)})

    assert form.errors.get("paper", []) == says


def test_no_file_is_no_error_where_none_is_asked_for():
    assert PaperForm({}, {}).is_valid()


def test_the_browser_is_told_the_limit_and_the_words():
    field = str(PaperForm()["paper"])

    assert 'data-most-bytes="5"' in field
    assert 'data-too-large="Larger than 5 bytes. Scan it again."' in field
