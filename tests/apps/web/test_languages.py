"""Catalogs: English and Spanish are complete, compiled files are fresh, and no translation loses a placeholder."""

import gettext
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.web.catalogs import (
    CatalogError,
    Entry,
    Message,
    catalog_text,
    compiled_catalog,
    plural_form_count,
    read_catalog,
)
from commonground.web.languages import known_language, language_choices, languages
from commonground.web.messages import (
    all_messages,
    catalog_path,
    messages_in_python,
    messages_in_template,
    missing,
    translated_languages,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%[sd]|\{(\w*)\}")
CODES = translated_languages()
COMPLETE = [code for code in CODES if languages()[code].status == "complete"]
HEADER = Entry(Message(""), ("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",))
words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\x04\r", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1
)


class TestCompleteness:
    @pytest.mark.parametrize("code", COMPLETE)
    def test_no_message_lacks_words(self, code: str) -> None:
        lacking = [message.text for message in missing(code, all_messages())]

        assert lacking == []

    def test_spanish_is_complete_by_its_own_claim(self) -> None:
        assert languages()["es"].status == "complete"

    @pytest.mark.parametrize("code", CODES)
    def test_compiled_file_is_fresh(self, code: str) -> None:
        path = catalog_path(code)

        stored = path.with_suffix(".mo").read_bytes()

        assert stored == compiled_catalog(read_catalog(path).values()), (
            "run: python -m commonground.web.messages --update"
        )

    @pytest.mark.parametrize("code", CODES)
    def test_no_translation_loses_or_invents_a_placeholder(self, code: str) -> None:
        def placeholders(text: str) -> set[str]:
            return {found[0] for found in PLACEHOLDER.finditer(text) if found[0] != "%%"}

        for entry in read_catalog(catalog_path(code)).values():
            message = entry.message
            wanted = placeholders(message.text) | placeholders(message.plural or "")
            for text in filter(None, entry.translations):
                if message.text:
                    assert placeholders(text) <= wanted, message.text
                    assert message.plural is not None or placeholders(text) == wanted, message.text

    @pytest.mark.parametrize("code", CODES)
    def test_no_translation_brings_its_own_markup(self, code: str) -> None:
        for entry in read_catalog(catalog_path(code)).values():
            for text in filter(None, entry.translations):
                assert (
                    re.findall(r"<[^>]+>", text) == re.findall(r"<[^>]+>", entry.message.text) or not entry.message.text
                )

    @pytest.mark.parametrize("code", CODES)
    def test_every_plural_form_is_there(self, code: str) -> None:
        known = read_catalog(catalog_path(code))
        forms = plural_form_count(known[Message("")])

        assert all(len(one.translations) == forms for one in known.values() if one.message.plural is not None)


class TestExtraction:
    def test_python_calls_are_found_under_any_name(self) -> None:
        source = """
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext
_("One")
later("Two "
      "halves")
ngettext("%(n)s row", "%(n)s rows", count)
other("Not this")
_(variable)
"""

        assert messages_in_python(source) == {
            Message("One"),
            Message("Two halves"),
            Message("%(n)s row", "%(n)s rows"),
        }

    def test_template_tags_are_found(self) -> None:
        source = (
            '{% load i18n %}{% translate "One" %}{% translate "May" context "month" %}{{ _("Two") }}'
            '{% tag "done" _("Three") %}{# {% translate "hidden" %} #}'
            "{% blocktranslate with name=person.name %}Hello {{ name }}, 5%{% endblocktranslate %}"
            "{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}"
        )

        assert messages_in_template(source) == {
            Message("One"),
            Message("May", context="month"),
            Message("Two"),
            Message("Three"),
            Message("Hello %(name)s, 5%%"),
            Message("%(n)s row", "%(n)s rows"),
        }


class TestCatalogs:
    ENTRIES = (
        HEADER,
        Entry(Message("Today"), ("Hoy",)),
        Entry(Message("May", context="month"), ("mayo",)),
        Entry(Message("%(n)s row", "%(n)s rows"), ("%(n)s fila", "%(n)s filas")),
        Entry(Message("Not yet"), ("",)),
    )

    def test_python_reads_what_is_compiled(self) -> None:
        catalog = gettext.GNUTranslations(io.BytesIO(compiled_catalog(self.ENTRIES)))

        assert catalog.gettext("Today") == "Hoy"
        assert catalog.pgettext("month", "May") == "mayo"
        assert catalog.ngettext("%(n)s row", "%(n)s rows", 1) == "%(n)s fila"
        assert catalog.ngettext("%(n)s row", "%(n)s rows", 7) == "%(n)s filas"
        assert catalog.gettext("Not yet") == "Not yet"

    def test_what_is_written_is_read_again(self, tmp_path: Path) -> None:
        path = tmp_path / "django.po"
        path.write_text(catalog_text(self.ENTRIES), encoding="utf-8")

        assert tuple(read_catalog(path).values()) == self.ENTRIES

    @given(pairs=st.dictionaries(words, words, max_size=6))
    def test_any_words_survive_both_forms(self, pairs: dict[str, str], tmp_path_factory) -> None:
        entries = [HEADER, *(Entry(Message(text), (translated,)) for text, translated in pairs.items())]
        path = tmp_path_factory.mktemp("catalog") / "django.po"
        path.write_text(catalog_text(entries), encoding="utf-8", newline="\n")

        catalog = gettext.GNUTranslations(io.BytesIO(compiled_catalog(read_catalog(path).values())))

        assert {text: catalog.gettext(text) for text in pairs} == pairs

    def test_a_line_that_is_no_catalog_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "django.po"
        path.write_text('msgid "A"\nmsgstr "B"\nnonsense\n', encoding="utf-8")

        with pytest.raises(CatalogError, match=r"django.po, line 3"):
            read_catalog(path)

    def test_the_same_message_twice_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "django.po"
        path.write_text('msgid "A"\nmsgstr "B"\n\nmsgid "A"\nmsgstr "C"\n', encoding="utf-8")

        with pytest.raises(CatalogError, match="twice"):
            read_catalog(path)


class TestLanguages:
    def test_django_offers_the_languages_of_the_data_file(self) -> None:
        from django.conf import settings

        assert list(settings.LANGUAGES) == language_choices()

    def test_a_regional_code_finds_its_language(self) -> None:
        assert known_language("es-MX").code == "es"
        assert known_language("xx").code == "en"
        assert known_language(None).code == "en"

    def test_nothing_claims_a_review_without_a_person_and_a_day(self) -> None:
        for language in languages().values():
            assert (language.reviewer is None) == (language.reviewed_on is None)

    def test_arabic_runs_from_right_to_left(self) -> None:
        assert known_language("ar").direction == "rtl"
        assert known_language("es").direction == "ltr"
