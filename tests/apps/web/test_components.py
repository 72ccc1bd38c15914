"""Each component draws what the design language asks for."""

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe

from commonground.web.gallery import ContactForm, SignInForm
from commonground.web.icons import icon_shapes
from commonground.web.shell import Noun, Shell, initials


def draw(source: str, **values: object) -> str:
    """A piece of template with the tags loaded."""
    return Template("{% load commonground %}" + source).render(Context(values))


def request(path: str = "/") -> HttpRequest:
    return RequestFactory().get(path)


class TestIcons:
    def test_an_icon_is_hidden_from_those_who_listen(self) -> None:
        assert 'aria-hidden="true"' in draw('{% icon "sun" %}')

    def test_an_unknown_icon_names_itself(self) -> None:
        with pytest.raises(KeyError, match="no icon is called 'sunn'"):
            draw('{% icon "sunn" %}')

    def test_the_sprite_holds_shapes_only(self) -> None:
        shapes = icon_shapes()

        assert len(shapes) > 150
        assert not any("<script" in shape or "onload" in shape or "style=" in shape for shape in shapes.values())


class TestDrawnOnce:
    """What is kept by the process is still what would be drawn anew: by language, by page, by kind of words."""

    NOUNS = tuple(Noun(key=str(n), label=f"Noun {n}", url=f"/{n}", icon="sun") for n in range(6))

    def test_the_nouns_mark_the_page_that_is_open(self) -> None:
        for here in (1, 5):
            nouns = tuple(Noun(one.key, one.label, one.url, one.icon, one.key == str(here)) for one in self.NOUNS)
            for place in ("rail", "bottom"):
                html = draw(f'{{% navigation "{place}" nouns %}}', nouns=nouns)

                assert html.count('aria-current="page"') == 1
                assert f'<a href="/{here}" aria-current="page">' in html

    def test_the_nouns_speak_the_language_of_the_page(self) -> None:
        words = []
        for code in ("en", "es", "en"):
            with translation.override(code):
                words.append(draw('{% navigation "bottom" nouns %}', nouns=self.NOUNS))

        assert words[0] == words[2] != words[1]

    def test_numbers_are_written_as_the_language_writes_them(self) -> None:
        written = []
        for code in ("en", "de", "en"):  # none of ours writes a comma here
            with translation.override(code):
                written.append(draw("{{ value|number:1 }}", value=1.5))

        assert written == ["1.5", "1,5", "1.5"]

    def test_words_are_escaped_unless_they_are_markup(self) -> None:
        for _again in range(2):
            assert "&lt;b&gt;" in draw('{% tag "line" words %}', words="<b>")
            assert "<b>" in draw('{% tag "line" words %}', words=mark_safe("<b>"))


class TestPageParts:
    def test_head_without_actions_has_no_empty_box(self) -> None:
        assert "actions" not in draw('{% page_head "One district is isolated" %}  {% endpage_head %}')

    def test_head_escapes_a_heading(self) -> None:
        assert "<script>" not in draw("{% page_head heading %}{% endpage_head %}", heading="<script>")

    def test_sheet_is_named_by_its_heading(self) -> None:
        html = draw('{% sheet "arrivals" "New arrivals" %}<p>x</p>{% endsheet %}')

        assert 'aria-labelledby="arrivals-heading"' in html
        assert 'id="arrivals-heading"' in html
        assert "<p>x</p>" in html

    def test_todo_button_says_which_row_it_belongs_to(self) -> None:
        html = draw('{% todo "sun" "Warsame family wrote back" url="/a" action="Answer" %}')

        assert 'Answer<span class="visually-hidden">: Warsame family wrote back</span>' in html

    def test_first_step_is_current_and_the_rest_are_to_come(self) -> None:
        html = draw("{% steps names 1 %}", names=["Send", "Check"])

        assert html.count('aria-current="step"') == 1
        assert "past" not in html

    def test_all_steps_are_past_at_the_end(self) -> None:
        html = draw("{% steps names 3 %}", names=["Send", "Check"])

        assert html.count('class="past"') == 2
        assert "aria-current" not in html

    def test_stop_notices_are_alerts_and_others_only_when_they_appear(self) -> None:
        assert 'role="alert"' in draw('{% notice "stop" "No" %}{% endnotice %}')
        assert "role=" not in draw('{% notice "note" "Well" %}{% endnotice %}')
        assert 'role="status"' in draw('{% notice "done" "Saved" live=True %}{% endnotice %}')

    def test_table_has_a_caption_and_a_frame_that_the_keyboard_reaches(self) -> None:
        html = draw('{% table "Seven districts" %}<tbody></tbody>{% endtable %}')

        assert "<caption>Seven districts</caption>" in html
        assert 'tabindex="0" role="region" aria-label="Table: Seven districts"' in html

    def test_meter_stays_inside_its_track(self) -> None:
        assert 'width="100.0%" height="10"/></svg>' in draw('{% meter 1.7 "all" %}')
        assert 'width="0.0%"' in draw('{% meter -1 "none" %}')

    def test_one_page_needs_no_links(self) -> None:
        one = Paginator(range(3), 25).get_page(1)

        assert draw("{% pages page %}", page=one, request=request()).strip() == ""

    def test_links_to_pages_keep_the_filters(self) -> None:
        second = Paginator(range(60), 25).get_page(2)

        html = draw("{% pages page %}", page=second, request=request("/?school=3&page=2"))

        assert 'href="?school=3&amp;page=3"' in html
        assert 'href="?school=3&amp;page=1"' in html


class TestNumbers:
    def test_a_figure_without_a_value_must_say_why(self) -> None:
        with pytest.raises(ValueError, match="give a reason"):
            draw('{% figure "Students" None %}')

    def test_a_figure_that_was_not_calculated_is_never_a_zero(self) -> None:
        html = draw('{% figure "Gap" None reason="MACCRAY did not report." %}')

        assert "Not calculated" in html
        assert "MACCRAY did not report." in html
        assert ">0<" not in html

    def test_whole_numbers_have_their_thousands_apart(self) -> None:
        assert "<b>10,273</b>" in draw('{% figure "Students" 10273 %}')
        assert draw("{{ rows|number }} {{ share|number:1 }} {{ none|number }}", rows=4382, share=33.54, none=None) == (
            "4,382 33.5 –"
        )

    def test_zero_is_a_value(self) -> None:
        assert "<b>0</b>" in draw('{% figure "Held" 0 %}')

    def test_a_hidden_figure_shows_words_in_place_of_the_number(self) -> None:
        html = draw('{% figure "Asian students" None hidden="few" %}')

        assert "Fewer than 10" in html

    def test_where_from_opens_without_script(self) -> None:
        html = draw('{% figure "Students" 5 lines=lines %}', lines=["File of October 1"])

        assert "<details" in html
        assert "<li>File of October 1</li>" in html


class TestForms:
    def test_error_stands_between_hint_and_field_and_is_named_by_it(self) -> None:
        form = SignInForm({"phone": "1", "code": "40281", "contact": ["text"]})

        html = draw("{% field form.code %}", form=form)

        hint, error, control = html.index("id_code_hint"), html.index('id="id_code_error"'), html.index("<input")
        assert hint < error < control
        assert 'aria-describedby="id_code_hint id_code_error"' in html
        assert 'aria-invalid="true"' in html
        assert 'value="40281"' in html

    def test_a_field_without_errors_is_not_marked(self) -> None:
        html = draw("{% field form.code %}", form=SignInForm())

        assert "aria-invalid" not in html
        assert "is-invalid" not in html

    def test_optional_fields_say_so(self) -> None:
        assert ">optional<" in draw("{% field form.note %}", form=SignInForm())
        assert "optional" not in draw("{% field form.phone %}", form=SignInForm())

    def test_summary_links_every_error_to_its_field(self) -> None:
        form = SignInForm({"phone": "1", "code": "40281"})

        html = draw("{% error_summary form %}", form=form)

        assert 'role="alert"' in html
        assert 'href="#id_code">Code we sent you: You entered 5 digits.' in html
        assert 'href="#id_contact"' in html

    def test_summary_of_a_right_form_is_empty(self) -> None:
        form = ContactForm({"how": "met"})
        assert form.is_valid()

        assert draw("{% error_summary form %}", form=form).strip() == ""

    def test_the_link_of_a_group_leads_to_the_group(self) -> None:
        form = SignInForm({"phone": "1", "code": "402812"})

        summary, group = draw("{% error_summary form %}", form=form), draw("{% field form.contact %}", form=form)

        assert 'href="#id_contact"' in summary
        assert '<fieldset class="field options" id="id_contact"' in group

    def test_chips_need_radio_buttons(self) -> None:
        class Wrong(forms.Form):
            how = forms.CharField()

        with pytest.raises(TypeError, match="chips need a RadioSelect"):
            draw("{% chips form.how %}", form=Wrong())

    def test_filters_are_a_get_form(self) -> None:
        html = draw('{% filters form target="rows" %}{% endfilters %}', form=SignInForm())

        assert 'method="get"' in html
        assert 'hx-target="#rows"' in html
        assert "<button" in html


class TestStatesAndWalls:
    @pytest.mark.parametrize("kind", ["empty", "denied", "not-found", "error", "working"])
    def test_each_state_has_words_and_at_most_one_button(self, kind: str) -> None:
        html = draw('{% state kind "Heading" url="/x" action="Go" %}<p>Words</p>{% endstate %}', kind=kind)

        assert html.count("<a ") == 1
        assert "<h2>Heading</h2>" in html

    def test_an_unknown_state_is_refused(self) -> None:
        with pytest.raises(KeyError):
            draw('{% state "odd" "Heading" %}{% endstate %}')

    def test_wall_names_both_sides(self) -> None:
        html = draw("{% wall can cannot %}", can=["Coordinator"], cannot=["Other districts"])

        assert html.index("Coordinator") < html.index("Nobody beyond this line") < html.index("Other districts")

    def test_a_translation_nobody_signed_is_marked(self) -> None:
        assert "Machine, not reviewed" in draw('{% translation_mark "so" %}')
        assert draw('{% translation_mark "en" %}') == ""


class TestShell:
    NOUNS = tuple(Noun(key=str(n), label=str(n), url=f"/{n}", icon="sun") for n in range(7))

    def shell(self, **changes: object) -> Shell:
        facts = {"person_name": "Hodan Abdi", "role_title": "liaison", "organization_name": "Willmar"}
        return Shell(**{**facts, "nouns": self.NOUNS, **changes})

    def test_phones_show_four_nouns_and_the_rest_under_more(self) -> None:
        shell = self.shell()

        assert [noun.key for noun in shell.first_nouns] == ["0", "1", "2", "3"]
        assert [noun.key for noun in shell.more_nouns] == ["4", "5", "6"]

    @pytest.mark.parametrize(
        ("changes", "base"),
        [
            ({}, "web/base.html"),
            ({"is_family": True}, "web/base_family.html"),
            ({"person_name": ""}, "web/base_signed_out.html"),
        ],
    )
    def test_each_person_has_a_frame(self, changes: dict, base: str) -> None:
        assert self.shell(**changes).frame == base

    @pytest.mark.parametrize(
        ("name", "letters"),
        [("Hodan Abdi", "HA"), ("Nur", "N"), ("", ""), ("Maria del Carmen Lopez", "ML"), ("نور", "ن")],
    )
    def test_initials(self, name: str, letters: str) -> None:
        assert initials(name) == letters

    def test_a_page_without_anybody_has_no_account_menu(self) -> None:
        html = Template('{% extends "web/base.html" %}').render(
            Context({"shell": self.shell(person_name="", nouns=())})
        )

        assert "me-menu" not in html
        assert "<ul>" not in html

    def test_the_banner_stands_only_on_demonstration_pages(self) -> None:
        page = Template('{% extends "web/base.html" %}')

        assert "invented people" in page.render(Context({"shell": self.shell(demonstration=True)}))
        assert "invented people" not in page.render(Context({"shell": self.shell()}))
