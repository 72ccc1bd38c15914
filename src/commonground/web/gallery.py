"""Invented content for the component gallery: every component in every state.

It is English on purpose: the gallery is read by the people who build pages.
"""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from commonground.web import charts
from commonground.web.languages import language_choices
from commonground.web.shell import Noun, Shell

BASES = {
    "staff": "web/base.html",
    "family": "web/base_family.html",
    "signed-out": "web/base_signed_out.html",
    "paper": "web/paper.html",
}
NOUNS = (
    ("today", "Today", "sun", 6),
    ("districts", "Districts", "map", 0),
    ("disparities", "Disparities", "bar-chart-steps", 0),
    ("plan", "Plan", "journal-check", 0),
    ("programs", "Programs", "compass", 0),
    ("board", "Board", "bank", 0),
    ("data", "Data", "inbox", 2),
)
LINEAGE = (
    "State enrollment file 2017–18, 329 districts, read without problems",
    "Protected: every student not counted as white only",
    "Rule 3535.0110, version in force",
)


class SignInForm(forms.Form):
    """An example form: each kind of field, with hints and errors."""

    phone = forms.CharField(label="Phone number or email", help_text="The one the school has for you")
    code = forms.CharField(label="Code we sent you", help_text="6 digits. It works for 10 minutes.")
    language = forms.ChoiceField(label="Language", choices=language_choices, required=False)
    note = forms.CharField(label="Anything we should know", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    remember = forms.BooleanField(label="This is my own phone", required=False)
    contact = forms.MultipleChoiceField(
        label="How may we reach you",
        choices=[("text", "Text"), ("call", "Call"), ("letter", "Letter")],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_code(self) -> str:
        """The code as typed. Raises ValidationError when digits are missing."""
        code = self.cleaned_data["code"]
        if len(code) != 6:
            raise forms.ValidationError(f"You entered {len(code)} digits. Enter all 6 from the newest text.")
        return code


class ContactForm(forms.Form):
    """An example of chips."""

    how = forms.ChoiceField(
        label="How",
        choices=[("met", "Met"), ("called", "Called"), ("texted", "Texted"), ("family", "With the family")],
        widget=forms.RadioSelect,
    )


class FilterForm(forms.Form):
    """An example of filters."""

    year = forms.ChoiceField(label="Enrollment year", choices=[("2017", "2017–18"), ("2016", "2016–17")])
    base = forms.ChoiceField(label="Base", choices=[("PK-12", "Early childhood to 12"), ("K-12", "Kindergarten to 12")])


def gallery(request: HttpRequest) -> dict[str, Any]:
    """The values that the gallery page draws. `?base=` chooses the frame: staff, family, signed-out or paper."""
    base = request.GET.get("base", "staff")
    typed = {"phone": "320-555-0142", "code": "40281"}
    return {
        "base": BASES.get(base, BASES["staff"]),
        "shell": example_shell(is_family=base == "family"),
        "lines": LINEAGE,
        "steps": ("Send", "Check", "Preview", "Apply"),
        "tabs": [("Problems", "?base=staff", True), ("Held rows", "#held", False), ("Lineage", "#lineage", False)],
        "can": ("Willmar: coordinator, liaison", "The student's own guardians"),
        "cannot": ("Other districts", "The collaborative, except counts of ten or more"),
        "clean_form": SignInForm(auto_id="clean-%s"),
        "wrong_form": SignInForm(typed, auto_id="wrong-%s"),
        "contact_form": ContactForm({"how": "called"}),
        "filter_form": FilterForm(request.GET if "year" in request.GET else None, initial={"year": "2017"}),
        "shown_year": "2016–17" if request.GET.get("year") == "2016" else "2017–18",
        "page": Paginator(range(90), 25).get_page(request.GET.get("page", 2)),
        "drawings": drawings(),
    }


def example_shell(*, is_family: bool) -> Shell:
    """The frame of a director, or of a family with its short navigation."""
    nouns = NOUNS[:1] if is_family else NOUNS
    return Shell(
        person_name="Nur Warsame" if is_family else "Anna Wieland",
        role_title="" if is_family else "director",
        organization_name="" if is_family else "West Central collaborative",
        nouns=tuple(
            Noun(key=key, label=label, url="/design/", icon=icon, count=count, current=key == "today")
            for key, label, icon, count in nouns
        ),
        is_family=is_family,
        demonstration=True,
        home_url="/design/",
        account_url="#account",
        sign_out_url="#sign-out",
        search_url="" if is_family else "#search",
    )


def drawings() -> list[charts.Chart]:
    """One chart of each kind, with hidden groups and broken lines among them."""
    return [_graduation(), _gaps(), _over_time(), _apart(), _map()]


def _graduation() -> charts.Chart:
    hidden = "Fewer than 10 students"
    return charts.dot_plot(
        [
            charts.Dot("Black", 23 / 48, 0.345, 0.617, detail="23 of 48", group=2),
            charts.Dot("Hispanic", 47 / 95, 0.396, 0.594, detail="47 of 95", group=1),
            charts.Dot("White", 131 / 150, 0.811, 0.917, detail="131 of 150", group=3),
            charts.Dot("American Indian", None, note=hidden),
            charts.Dot("Asian", None, note=hidden),
        ],
        reference=charts.Reference(201 / 293, "Everyone shown"),
        telling=charts.Telling(
            key="graduation",
            title="Each group beside everyone shown",
            subtitle="Dot: share who graduated. Bar: 95% interval (Wilson). Groups in alphabetical order.",
            label="Dot plot of four-year graduation by group. The same figures are in the table.",
            words="If Hispanic students had finished at the rate of everyone shown, 18 more of 95 would have graduated.",
            caption="Graduation in four years, by group",
            lines=("State graduation file 2017, 18 rows", "Interval: Wilson score, 95%"),
            hidden_lines=("Each hidden group had fewer than 10 students in this class.",),
        ),
    )


def _gaps() -> charts.Chart:
    gaps = {"ACGC": 5.6, "BOLD": 4.8, "KMS": 6.9, "MACCRAY": 0.9, "Montevideo": 10.7, "New London-Spicer": 0.8}
    return charts.dot_plot(
        [charts.Dot(name, gap) for name, gap in gaps.items()]
        + [charts.Dot("Willmar", 50.9, strong=True, after="over New London-Spicer")],
        unit=charts.Unit.POINTS,
        from_zero=True,
        edge=charts.Edge(
            20, "more than 20 points: racially isolated", band=(18.5, 21.5), band_label="shaded: 18.5–21.5"
        ),
        axis_label="Points above the adjoining district with the lowest share",
        value_column="Gap, points",
        telling=charts.Telling(
            key="gaps",
            title="How far each district is from the 20-point edge",
            subtitle="Largest gap to any adjoining district. Alphabetical.",
            label="Dot plot of each district's largest gap to an adjoining district. Willmar 50.9 points, no other above 11.",
            words="One district is more than 20 points above a neighbor; nobody is near the edge.",
            caption="Largest gap to an adjoining district",
            lines=LINEAGE,
        ),
    )


def _over_time() -> charts.Chart:
    point = charts.Point
    return charts.trend(
        ("2012", "2013", "2014", "2015", "2016", "2017"),
        [
            charts.Series(
                "Hispanic",
                (
                    point(0.32, 0.23, 0.42),
                    point(0.43, 0.33, 0.54),
                    point(0.52, 0.41, 0.63),
                    point(0.49, 0.38, 0.6),
                    point(0.54, 0.44, 0.65),
                    point(0.49, 0.4, 0.59),
                ),
                group=1,
            ),
            charts.Series(
                "Black",
                (
                    point(0.45, 0.3, 0.6),
                    point(0.6, 0.42, 0.76),
                    point(None, note="Fewer than 10 students"),
                    point(0.41, 0.26, 0.58, starts_anew=True),
                    point(0.44, 0.3, 0.59),
                    point(0.48, 0.35, 0.62),
                ),
                group=2,
            ),
        ],
        start=(3, "2014–17 plan begins"),
        axis_label="Year of graduating class",
        telling=charts.Telling(
            key="classes",
            title="Over six classes",
            subtitle="Ribbon: 95% interval. The line breaks where a number is missing.",
            label="Line chart of four-year graduation, 2012 to 2017, Black and Hispanic students.",
            words="Hispanic graduation rose from 32% to 49%. Small classes swing from year to year.",
            caption="Graduation in four years, by class",
            lines=("State graduation files 2012 to 2017",),
        ),
    )


def _apart() -> charts.Chart:
    return charts.bars(
        [
            charts.Bar("K–5", (0.1365, 0.004), note="97% between districts", expected=0.011),
            charts.Bar("6–8", (0.1126, 0.0182), note="86% between districts", expected=0.016),
            charts.Bar("9–12", (), note="Fewer than 10 students in one school"),
        ],
        parts=("between districts", "between schools in a district"),
        decimals=3,
        telling=charts.Telling(
            key="apart",
            title="Where students are apart",
            subtitle="Separation by race (Theil's H, 0 is fully mixed). Dashed: what chance alone would give.",
            label="Stacked bars of separation by race, split into between districts and between schools.",
            words="Most separation lies between districts. Programs that cross district lines can move it.",
            caption="Separation by race, by grade",
            lines=LINEAGE,
        ),
    )


def _map() -> charts.Chart:
    region = charts.Region
    return charts.district_map(
        [
            region("north", "Lakes", [[(0, 0), (50, 0), (50, 30), (0, 40)]], kind="adj", value="7.6%"),
            region("center", "Center", [[(0, 40), (50, 30), (60, 70), (10, 80)]], kind="iso", value="58.5%"),
            region("east", "Prairie", [[(50, 0), (100, 5), (95, 60), (60, 70), (50, 30)]], kind="land", value="24.6%"),
            region("beyond", "Beyond", [[(100, 5), (140, 0), (140, 60), (95, 60)]], kind="out"),
        ],
        crossed=[("north", "center")],
        legend=[("iso", "isolated"), ("adj", "adjoins Center"), ("land", "member by choice")],
        value_column="Protected students",
        telling=charts.Telling(
            key="beside",
            title="Who sits beside whom",
            subtitle="Percent protected students. Thick line: a border crossed by more than 20 points.",
            label="Map of three invented districts. Center and Lakes differ by more than 20 points.",
            words="Center lies 50.9 points above Lakes, which it borders.",
            caption="Percent protected students",
            lines=("Invented outlines",),
        ),
    )
