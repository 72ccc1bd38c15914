"""One GAMMA on phones: a family registers two children, the manager sees the roster, the teacher takes attendance."""

import datetime
import re
import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.apps.programs import arranged
from tests.apps.programs.conftest import gamma, outside  # noqa: F401 - fixtures
from tests.apps.programs.test_meals import NO, YES, answer
from tests.apps.programs.test_seats import ask, decide, offer  # noqa: F401 - fixtures
from tests.journeys.browser import assert_no_sideways_scrolling, assert_whole
from tests.journeys.people import page_of
from tests.world import NORTH, PETE, SOUTH

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture
def empty_gamma(world, outside):  # noqa: F811
    """A GAMMA of 20 seats that began yesterday; nobody is registered yet, Pete teaches, a bus goes from South."""
    first = timezone.localdate() - datetime.timedelta(1)
    arranged.share(outside.execute, NORTH, SOUTH)
    arranged.offer(outside.execute, first=first, capacity=20, kept=[(NORTH, 5), (SOUTH, 5)])
    outside.execute(
        "insert into programs_assignment (id, owner_id, offering_id, person_id, since, until)"
        " select gen_random_uuid(), owner_id, id, %s, starts_on, ends_on + 1 from programs_offering",
        [PETE],
    )
    outside.execute(
        "insert into programs_ride (id, owner_id, offering_id, name, stop, leaves_at, returns_at, phone)"
        " select gen_random_uuid(), owner_id, id, 'Bus 1', 'South School', '08:00', '16:00', '' from programs_offering"
    )
    return arranged


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_a_family_in_spanish_to_the_counts(site, world, empty_gamma, open_page, javascript):
    from commonground.apps.core.models import Person

    Person.objects.filter(pk=world.ALI).update(language="es")
    family = page_of(open_page, site, world.address("ali"), width=390, javascript=javascript)
    family.goto(site.url)
    family.get_by_role("link", name="Programas").click()
    family.get_by_role("link", name=re.compile("Leer e inscribir")).click()
    family.get_by_role("link", name="Inscribir").click()
    for name in ("Amina Ali", "Elia Ali"):
        family.get_by_role("checkbox", name=re.compile(name)).check()
    family.get_by_label("Alergias").first.fill("Cacahuates")
    asked = family.get_by_role("group", name=re.compile("comidas escolares gratis"))
    expect(asked.get_by_role("radio", checked=True)).to_have_count(0)
    asked.first.get_by_label("Sí").check()
    family.get_by_label("Cómo viene el niño").last.select_option(index=1)
    family.get_by_label("Número de teléfono", exact=True).fill("320-555-0199")
    family.get_by_label(re.compile("puede participar")).check()
    family.get_by_label("Su nombre, como firma").fill("Asha Ali")
    if javascript:
        assert_whole(family)
    family.get_by_role("button", name="Inscribir").click()
    expect(family.get_by_text("Inscrito, con lugar.")).to_be_visible()
    expect(family.locator("li.child", has_text="Tiene lugar")).to_have_count(2)
    expect(family.locator("li.child", has_text="Amina Ali")).to_contain_text("su familia dijo «Sí»")
    expect(family.locator("li.child", has_text="Elia Ali")).to_contain_text("su familia no lo dijo")
    left = re.findall(r"\b(?:the|your|with|and|from|this|seat)\b", family.locator("body").inner_text(), re.IGNORECASE)
    assert left == []

    manager = page_of(open_page, site, world.address("pam"), width=390, javascript=javascript)
    manager.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/")
    expect(manager.get_by_role("heading", name="2 of 20 seats, by district")).to_be_visible()
    manager.get_by_role("link", name="Registered children").click()
    expect(manager.get_by_role("row", name=re.compile("Ali, Elia"))).to_contain_text("South")
    if javascript:
        assert_whole(manager)

    teacher = page_of(open_page, site, world.address("pete"), width=390, javascript=javascript)
    teacher.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/attendance/")
    expect(teacher.locator("fieldset", has_text="Amina Ali")).to_contain_text("Cacahuates")
    if javascript:
        assert_whole(teacher)
    for name, mark in (("Amina Ali", "Present"), ("Elia Ali", "Late")):
        teacher.locator("fieldset", has_text=name).get_by_label(mark).check()
    if javascript:
        expect(teacher.locator("#queue")).to_be_hidden()
    else:
        teacher.get_by_role("button", name="Save attendance").click()
    teacher.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/attendance/")
    expect(teacher.get_by_role("heading", name=re.compile("2 of 2 are here"))).to_be_visible()

    director = page_of(open_page, site, world.address("dana"), width=390, javascript=javascript)
    director.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/counts/")
    expect(director.locator("#heads tbody tr").nth(1)).to_contain_text("2")
    expect(director.locator("#meals")).to_contain_text("not calculated")
    if javascript:
        assert_whole(director)


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_family_changes_its_answer_about_meals_and_the_director_reads_the_count(
    site,
    world,
    offer,  # noqa: F811
    ask,  # noqa: F811
    outside,  # noqa: F811
    open_page,
    javascript,
):
    """North: Amina, 12 children with yes and 14 with no; South: 3 with yes and 15 with no. South's 3 may not be read."""
    from commonground.apps.core.models import Person
    from commonground.apps.programs import jobs

    Person.objects.filter(pk=world.ALI).update(language="es")
    offering, amina = offer(60), uuid.uuid4()
    outside.execute(
        "insert into programs_registration (id, owner_id, student_id, offering_id, family_unit, grade, way, language,"
        " entered_by_id, entered_at) values (%s, %s, %s, %s, %s, '08', 'family', 'es', %s, now())",
        [amina, NORTH, world.AMINA, offering, uuid.uuid4(), world.ALI],
    )
    outside.execute(
        "insert into programs_seat (id, owner_id, registration_id, offering_id, state, received_at)"
        " values (gen_random_uuid(), %s, %s, %s, 'waiting', now())",
        [NORTH, amina, offering],
    )
    for owner, said, count in ((NORTH, YES, 12), (NORTH, NO, 14), (SOUTH, YES, 3), (SOUTH, NO, 15)):
        answer(outside, [ask(offering, [owner], settle=False)[0] for _ in range(count)], [said] * count)
    decide(offering)

    family = page_of(open_page, site, world.address("ali"), width=390, javascript=javascript)
    family.goto(f"{site.url}/programs/{offering}/")
    family.get_by_role("link", name=re.compile("Responder, si quiere")).click()
    family.get_by_label("Prefiero no decirlo").check()
    if javascript:
        assert_whole(family)
    family.get_by_role("button", name="Guardar").click()
    expect(family.get_by_text("Guardado. Solo los tutores de este niño ven la respuesta.")).to_be_visible()
    expect(family.locator("li.child", has_text="Amina Ali")).to_contain_text("su familia dijo «Prefiero no decirlo»")

    outside.execute(
        "update programs_offering set closes_on = %s where id = %s",
        [timezone.localdate() - datetime.timedelta(1), offering],
    )
    jobs.count_by_groups()
    director = page_of(open_page, site, world.address("dana"), width=390, javascript=javascript)
    director.goto(f"{site.url}/programs/{offering}/counts/")
    south = director.locator("#meals tbody tr", has_text="South")
    expect(south.locator("td").nth(0)).to_have_text("18")
    expect(south.locator("td").nth(1)).to_have_text("hidden")
    expect(director.locator("#meals tfoot td").nth(0)).to_have_text("45")
    if javascript:
        assert_whole(director)


@pytest.mark.parametrize("language", ["es", "so"])
def test_on_a_phone_each_box_stands_beside_its_words_and_letters_twice_as_large_fit(
    site, world, empty_gamma, open_page, language
):
    from commonground.apps.core.models import Person

    Person.objects.filter(pk=world.ALI).update(language=language)
    page = page_of(open_page, site, world.address("ali"), width=390)
    page.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/register/")

    for box in page.locator(".field.form-check").all():
        mark, words = box.locator("input").bounding_box(), box.locator("label").bounding_box()
        assert words["x"] >= mark["x"] + mark["width"]
        assert words["y"] <= mark["y"]
        assert words["height"] >= 44
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_no_sideways_scrolling(page)


def test_marks_made_without_a_connection_survive_a_reload_and_arrive(
    site,
    world,
    gamma,  # noqa: F811
    open_page,
    outside,  # noqa: F811
):
    page = page_of(open_page, site, world.address("pete"), width=390)
    page.goto(f"{site.url}/programs/{gamma.OFFERING}/attendance/")

    page.route("**/attendance/mark/", lambda route: route.abort("internetdisconnected"))
    page.locator("fieldset", has_text="Amina Ali").get_by_label("Absent").check()
    page.locator("fieldset", has_text="Elia Ali").get_by_label("Present").check()
    expect(page.locator("#queue")).to_contain_text("2 marks wait on this phone")
    assert_whole(page)
    page.reload()
    expect(page.locator("#queue")).to_contain_text("2 marks wait on this phone")
    expect(page.locator("fieldset", has_text="Amina Ali").get_by_label("Absent")).to_be_checked()
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "Amina" not in kept
    assert "Ali" not in kept

    page.unroute("**/attendance/mark/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#queue")).to_be_hidden()
    marks = dict(
        outside.execute("select registration_id, mark from programs_attendance where day_id = %s", [gamma.day(2)])
    )
    assert marks == {gamma.registration("amina"): "absent", gamma.registration("elia"): "present"}


@pytest.mark.parametrize("status", [408, 429])
def test_a_mark_that_came_at_a_bad_moment_is_kept(site, world, gamma, open_page, status):  # noqa: F811
    page = page_of(open_page, site, world.address("pete"), width=390)
    page.goto(f"{site.url}/programs/{gamma.OFFERING}/attendance/")
    page.route("**/attendance/mark/", lambda route: route.fulfill(status=status))

    with page.expect_response("**/attendance/mark/"):
        page.locator("fieldset", has_text="Amina Ali").get_by_label("Absent").check()
    page.reload()

    expect(page.locator("#queue")).to_contain_text("1 mark waits on this phone")


def test_signing_out_leaves_no_mark_in_the_browser(site, world, gamma, open_page):  # noqa: F811
    page = page_of(open_page, site, world.address("pete"), width=390)
    page.goto(f"{site.url}/programs/{gamma.OFFERING}/attendance/")
    page.route("**/attendance/mark/", lambda route: route.abort("internetdisconnected"))
    page.locator("fieldset", has_text="Amina Ali").get_by_label("Absent").check()
    expect(page.locator("#queue")).to_contain_text("1 mark waits on this phone")

    page.locator("details.me-menu summary").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cg.')).length") == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_liaison_types_a_paper_form(site, world, empty_gamma, open_page, javascript, outside):  # noqa: F811
    page = page_of(open_page, site, world.address("lena"), width=390, javascript=javascript)
    page.goto(f"{site.url}/programs/{empty_gamma.OFFERING}/register/")

    page.get_by_label("Find the child by name").fill("Va")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("checkbox", name=re.compile("Chue Vang")).check()
    page.get_by_label("Whom we call first").fill("Mai Vang")
    page.get_by_label("Telephone number", exact=True).fill("320-555-0142")
    page.get_by_label(re.compile("may take part")).check()
    page.get_by_label("Who signed, or agreed on the telephone").fill("Mai Vang")
    page.get_by_label("The family signed a paper form").check()
    if javascript:
        assert_whole(page)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the date that stands on the paper form.")
    assert page.get_by_label("Whom we call first").input_value() == "Mai Vang"
    page.get_by_label("Date on the paper form").fill("2026-01-15")
    page.get_by_role("button", name="Register").click()

    expect(page.get_by_text("Registered, with a seat.")).to_be_visible()
    rows = outside.execute(
        "select student_id, way, paper_dated_on, entered_by_id from programs_registration"
    ).fetchall()
    assert rows == [(world.CHUE, "paper", datetime.date(2026, 1, 15), world.LENA)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_programs_is_whole(site, world, gamma, open_page, width, theme):  # noqa: F811
    whole = f"/programs/{gamma.OFFERING}/"
    pages = {
        "pam": [
            "/programs/",
            whole,
            *(
                f"{whole}{place}"
                for place in ("edit/", "registrations/", "days/", "staff/", "attendance/", "counts/", "paper/")
            ),
            *(f"{whole}paper/{sheet}/" for sheet in ("roster", "contacts", "buses", "days", "certificates")),
            "/programs/new/gamma/",
        ],
        "ali": [
            "/programs/",
            whole,
            f"{whole}register/",
            f"/programs/registrations/{gamma.registration('amina')}/care/",
            f"/programs/registrations/{gamma.registration('amina')}/meals/",
        ],
        "lena": [whole, f"{whole}register/", f"/programs/registrations/{gamma.registration('chue')}/care/"],
        "cora": [whole, f"{whole}register/", f"{whole}registrations/"],
        "pete": ["/programs/", whole, f"{whole}attendance/"],
    }
    for person, addresses in pages.items():
        page = page_of(open_page, site, world.address(person), width=width, theme=theme)
        for address in addresses:
            answer = page.goto(site.url + address)
            assert answer is not None
            assert answer.status == 200, address
            assert_whole(page)
        page.context.close()
