"""Tags that draw the components of the design language. One line of use each: docs/reference/components.md."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, RadioSelect
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonground.web import charts
from commonground.web.icons import icon_shape
from commonground.web.languages import Language, known_language
from commonground.web.presentation import Presentation, presentation_of
from commonground.web.shell import Noun, Shell, initials

register = template.Library()

ICON_OF_TONE = {
    "attend": "exclamation-triangle",
    "stop": "exclamation-octagon",
    "done": "check2-circle",
    "note": "info-circle",
    "line": "",
    "": "",
}
ICON_OF_STATE = {
    "empty": "inbox",
    "denied": "shield-lock",
    "not-found": "signpost-split",
    "error": "tools",
    "working": "hourglass-split",
}


@register.simple_tag(takes_context=True)
def presentation(context: Context) -> Presentation:
    """Language, direction and theme of the page being drawn."""
    return presentation_of(context.get("request"))


@register.simple_tag
def icon(name: str, *, flip: bool = False) -> SafeString:
    """An icon beside words. flip: mirrored where text runs from right to left (arrows)."""
    return _icon(name, flip)


@cache
def _icon(name: str, flip: bool) -> SafeString:
    css_class = "i flip" if flip else "i"
    shape = mark_safe(icon_shape(name))  # noqa: S308 (our own vendored sprite, never a person's text)
    return format_html('<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', css_class, shape)


@register.filter
def number(value: float | str | None, decimals: int = 0) -> str:
    """A number as the language of the page writes it, thousands apart: `{{ rows|number }}`. None or blank is a dash."""
    return "–" if value is None or isinstance(value, str) else charts.number_text(value, decimals=decimals)


@register.simple_tag
def avatar(name: str) -> SafeString:
    """A round badge with initials; the name itself must stand beside it."""
    return format_html('<span class="face" aria-hidden="true">{}</span>', initials(name))


@register.simple_tag
def navigation(place: str, nouns: tuple[Noun, ...]) -> SafeString:
    """The nouns of the frame. place: "rail" beside the page, "bottom" on phones."""
    return _navigation(place, nouns, get_language())


@lru_cache(maxsize=512)
def _navigation(place: str, nouns: tuple[Noun, ...], _language: str | None) -> SafeString:
    """Drawn once for all pages on which the same nouns stand; nothing else decides how it looks."""
    return _draw(place, shell=Shell("", "", "", nouns=nouns))


@register.simple_block_tag
def child(content: str, name: str, about: str = "") -> SafeString:
    """A child in a family's list `<ul class="plain stack">`. about: the grade. Content: school, how it goes."""
    return _draw("child", content=_trimmed(content), name=name, about=about)


@register.simple_block_tag
def page_head(content: str, heading: str, *, lede: str = "", crumb: str = "", crumb_url: str = "") -> SafeString:
    """The head of a page: the finding as heading. Content: the actions, one primary button at most."""
    return _draw("page_head", heading=heading, lede=lede, crumb=crumb, crumb_url=crumb_url, actions=_trimmed(content))


@register.simple_block_tag
def sheet(content: str, key: str, heading: str, *, aside: str = "", flush: bool = False, level: int = 2) -> SafeString:
    """A white sheet about one subject. key: unique id on the page. flush: list or table to the edge."""
    return _draw("sheet", content=content, key=key, heading=heading, aside=aside, flush=flush, level=level)


@register.inclusion_tag("web/components/todo.html")
def todo(
    icon: str,
    title: str,
    *,
    why: str = "",
    url: str = "",
    action: str = "",
    now: bool = False,
    primary: bool = False,
    about: str = "",
) -> dict[str, Any]:
    """A row of `<ul class="todo">`: a sentence with one button. about: hidden words that make the button unique."""
    return {
        "icon": icon,
        "title": title,
        "why": why,
        "url": url,
        "action": action,
        "now": now,
        "primary": primary,
        "about": about or title,
    }


@register.inclusion_tag("web/components/figure.html")
def figure(
    label: str,
    value: Any,
    *,
    n: str = "",
    lines: Sequence[str] = (),
    reason: str = "",
    hidden: str = "",
) -> dict[str, Any]:
    """One number with its n and *Where from*.

    A whole number is written with its thousands apart. value None is never drawn as 0: `reason` says why it is not
    calculated, or `hidden` ("few") that it is hidden.
    """
    if value is None and not (reason or hidden):
        raise ValueError(f"figure {label!r} has no value: give a reason or say why it is hidden")
    if isinstance(value, int):
        value = number(value)
    return {"label": label, "value": value, "n": n, "lines": lines, "reason": reason, "hidden": hidden}


@register.inclusion_tag("web/components/where_from.html")
def where_from(lines: Sequence[str], *, label: str = "", about: str = "", icon: str = "diagram-3") -> dict[str, Any]:
    """Lineage, one click away. lines: source file and day, rule version, method, what is hidden."""
    return {"lines": lines, "label": label, "about": about, "icon": icon}


@register.simple_tag
def tag(tone: str, text: str, *, icon: str | None = None) -> SafeString:
    """A state in two or three words. tone: attend, stop, done, note, line or "" (plain)."""
    return _tag(tone, text if isinstance(text, SafeString) else str(text), ICON_OF_TONE[tone] if icon is None else icon)


@lru_cache(maxsize=512, typed=True)
def _tag(tone: str, text: str, icon: str) -> SafeString:
    """Typed: words that are markup already, and words that are not, may be spelled alike."""
    return _draw("tag", tone=tone, text=text, icon=icon)


@register.simple_block_tag
def notice(content: str, tone: str, heading: str = "", *, icon: str | None = None, live: bool = False) -> SafeString:
    """A paragraph that changes what to do. live: read out when it appears (stop always is)."""
    role = "alert" if tone == "stop" else "status" if live else ""
    name = ICON_OF_TONE[tone] if icon is None else icon
    return _draw("notice", content=_trimmed(content), tone=tone, heading=heading, icon=name, role=role)


@register.inclusion_tag("web/components/steps.html")
def steps(names: Sequence[str], current: int) -> dict[str, Any]:
    """A process with an end. current: 1 for the first step; len(names) + 1 when all are done."""
    places = [
        (name, "past" if place < current else "here" if place == current else "") for place, name in enumerate(names, 1)
    ]
    return {"steps": places, "current": current, "total": len(names)}


@register.inclusion_tag("web/components/tabs.html")
def tabs(entries: Sequence[tuple[str, str, bool]], *, label: str) -> dict[str, Any]:
    """Parts of one thing, each an address. entries: (label, url, is current)."""
    return {"entries": entries, "label": label}


@register.inclusion_tag("web/components/chips.html")
def chips(field: BoundField) -> dict[str, Any]:
    """Choose one of up to seven by thumb. field: a bound field with a RadioSelect."""
    if not isinstance(field.field.widget, RadioSelect):
        raise TypeError(f"chips need a RadioSelect, {field.name} has {type(field.field.widget).__name__}")
    return {"field": field}


@register.simple_block_tag(takes_context=True)
def filters(context: Context, content: str, form: BaseForm, *, target: str = "") -> SafeString:
    """What a chart or table shows, as a GET form. Content: extra controls.

    target: id of the part that htmx replaces; the answer may be the whole page or only that part, with the same id.
    """
    controls = [(one, one.as_widget(attrs={"class": _control_class(one)})) for one in form.visible_fields()]
    request = context.get("request")
    return _draw(
        "filters",
        form=form,
        controls=controls,
        content=_trimmed(content),
        target=target,
        address=request.path if request is not None else "",
    )


@register.simple_block_tag
def table(content: str, caption: str, *, wide: bool = False, hide_caption: bool = False, key: str = "") -> SafeString:
    """A table in a region that scrolls. Content: thead, tbody, tfoot. wide: at least 44rem on phones."""
    return _draw("table", content=content, caption=caption, wide=wide, hide_caption=hide_caption, key=key)


@register.inclusion_tag("web/components/field.html")
def field(field: BoundField, *, large: bool = False) -> dict[str, Any]:
    """A form field: label above, hint, error between hint and field. Keeps what was typed."""
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    attributes: dict[str, str | bool] = {"class": _control_class(field), "aria-describedby": " ".join(described)}
    if field.errors:
        attributes["aria-invalid"] = "true"
    widget = field.field.widget
    kind = (
        "group" if getattr(widget, "input_type", "") in {"radio", "checkbox"} and hasattr(widget, "choices") else "line"
    )
    if kind == "group":
        widget.attrs = {**widget.attrs, "class": "form-check-input"}
    if kind == "line" and getattr(widget, "input_type", "") == "checkbox":
        kind = "check"
    attributes = {name: value for name, value in attributes.items() if value}
    return {"field": field, "kind": kind, "control": field.as_widget(attrs=attributes), "large": large}


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    base = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}.get(
        kind, "form-control"
    )
    return f"{base} is-invalid" if field.errors else base


@register.inclusion_tag("web/components/error_summary.html")
def error_summary(form: BaseForm, *, heading: str = "") -> dict[str, Any]:
    """All errors of a form above it, each a link to its field; nothing when there is none."""
    entries = [(error, "") for error in form.non_field_errors()]
    entries += [(f"{one.label}: {error}", one.id_for_label or one.auto_id) for one in form for error in one.errors]
    return {"entries": entries, "heading": heading}


@register.simple_block_tag
def state(
    content: str, kind: str, heading: str, *, icon: str = "", url: str = "", action: str = "", level: int = 2
) -> SafeString:
    """Nothing, not allowed or not right. kind: empty, denied, not-found, error, working. Content: what happened."""
    name = icon or ICON_OF_STATE[kind]
    return _draw("state", content=_trimmed(content), heading=heading, icon=name, url=url, action=action, level=level)


@register.simple_tag
def hidden(why: str = "") -> SafeString:
    """A number that must not be shown. why: "few" (fewer than 10), only for a number that stands in no sum.

    In a table every hidden number is the same word: which of them are small would, with the totals, tell them.
    """
    words = {"": _("hidden"), "few": _("Fewer than 10")}
    return format_html('<span class="sup">{}</span>', words[why])


@register.inclusion_tag("web/components/not_calculated.html")
def not_calculated(what: str, why: str, *, url: str = "") -> dict[str, Any]:
    """A measure without a value: what is missing and from whom. Never a zero, never blank."""
    return {"what": what, "why": why, "url": url}


@register.simple_block_tag
def stale(content: str, heading: str) -> SafeString:
    """Numbers that are too old. Content: age, source, and a link that asks for a new file."""
    return _draw("notice", content=_trimmed(content), tone="attend", heading=heading, icon="clock-history", role="")


@register.inclusion_tag("web/components/wall.html")
def wall(can: Sequence[str], cannot: Sequence[str], *, looked_url: str = "") -> dict[str, Any]:
    """Who can see this, the wall, who cannot. looked_url: who has looked."""
    return {"can": can, "cannot": cannot, "looked_url": looked_url}


@register.simple_tag
def meter(share: float, label: str) -> SafeString:
    """A bar filled to a share from 0 to 1. label: the same in words."""
    width = f"{min(max(share, 0.0), 1.0) * 100:.1f}%"
    return format_html(
        '<svg class="meter" role="img" aria-label="{}" width="100%" height="10"><rect class="track" width="100%" height="10"/>'
        '<rect class="fill" width="{}" height="10"/></svg>',
        label,
        width,
    )


@register.inclusion_tag("web/components/pages.html", takes_context=True)
def pages(context: Context, page: Any, *, name: str = "page") -> dict[str, Any]:
    """Links to the pages of a list. page: a Page of Django's Paginator; nothing is drawn when there is one page."""
    return {"page": page, "name": name, "request": context.get("request")}


@register.simple_tag
def translation_mark(language: str | Language | None = None) -> SafeString:
    """Whether a person has read this translation; empty for the language it was written in."""
    known = language if isinstance(language, Language) else known_language(language)
    if known.status == "source":
        return mark_safe("")
    if known.is_reviewed:
        words = _("Reviewed by %(person)s, %(day)s") % {"person": known.reviewer, "day": known.reviewed_on}
        return _draw("tag", tone="done", text=words, icon="patch-check")
    return _draw("tag", tone="attend", text=_("Machine, not reviewed"), icon="cpu")


@register.simple_tag(takes_context=True)
def chart(context: Context, drawing: charts.Chart) -> SafeString:
    """A chart with its four parts: drawing, in words, as table, where from."""
    request = context.get("request")
    asked = request.GET.copy() if request is not None else QueryDict(mutable=True)
    as_table = asked.pop("as", []) == ["table"]
    drawing_url = f"?{asked.urlencode()}"
    asked["as"] = "table"
    values = {"chart": drawing, "as_table": as_table, "drawing_url": drawing_url, "table_url": f"?{asked.urlencode()}"}
    return render_to_string("web/charts/figure.html", values)


def _draw(component: str, **values: Any) -> SafeString:
    return render_to_string(f"web/components/{component}.html", values)


def _trimmed(content: str) -> SafeString:
    return mark_safe(content.strip())  # noqa: S308 (rendered by the template around it, which escapes)
