"""What is typed survives a lost connection, a lost answer, a reload and the end of a session; and is saved once."""

from collections.abc import Iterable

from playwright.sync_api import Route, expect

from helmont.demo.cast import PASSWORD
from tests.browser.clinic import Clinic
from tests.browser.conftest import Enter
from tests.browser.forms import DIASTOLIC, SUPINE, SYSTOLIC, FormPage, address, participant
from tests.browser.people import COORDINATOR, word

TYPED = {"VS_READ[1].SYSBP": "128", "VS_READ[1].DIABP": "78"}


def typing(enter: Enter, clinic: Clinic, number: str) -> tuple[FormPage, str]:
    key = participant(clinic, number, "BASELINE") + "/VS"
    form = FormPage(enter(COORDINATOR, address(key)), COORDINATOR)
    form.answer(f"{SUPINE}: {SYSTOLIC}").fill("128")
    form.answer(f"{SUPINE}: {DIASTOLIC}").fill("78")
    return form, key


def saves(clinic: Clinic, key: str) -> int:
    """How many entries of the ledger set values of the form."""
    entries: Iterable[dict[str, object]] = clinic.get(COORDINATOR, f"/forms/{key}/history")
    return sum(entry["action"] == "edc.save_form" for entry in entries)


def test_a_save_without_a_connection_waits_and_is_made_once_it_is_back(enter: Enter, clinic: Clinic) -> None:
    form, key = typing(enter, clinic, "01-701-9401")
    form.page.context.set_offline(True)
    form.save("Save as draft")
    expect(form.state).to_have_text(
        form.says("Not saved yet: connection lost, kept on this device. Trying again in {} s.")
    )
    expect(form.answer(f"{SUPINE}: {SYSTOLIC}")).to_have_value("128")
    assert form.values(clinic, key) == {}
    form.page.context.set_offline(False)
    form.is_saved()
    assert form.values(clinic, key) == TYPED
    assert saves(clinic, key) == 1


def test_a_save_whose_answer_was_lost_is_not_made_twice_after_a_reload(enter: Enter, clinic: Clinic) -> None:
    form, key = typing(enter, clinic, "01-701-9402")

    def lose_the_answer(route: Route) -> None:
        assert route.fetch().ok
        route.abort("connectionreset")

    form.page.route("**/api/v1/forms/**", lose_the_answer)
    form.save("Save as draft")
    expect(form.state).to_contain_text(
        form.says("Not saved yet: connection lost, kept on this device. Trying again in {} s.")
    )
    form.page.unroute("**/api/v1/forms/**")
    form.page.close()
    assert saves(clinic, key) == 1, "the server did save"

    again = FormPage(form.page.context.new_page(), COORDINATOR)
    again.page.goto(address(key))
    expect(again.answer(f"{SUPINE}: {SYSTOLIC}")).to_have_value("128")
    again.page.reload()
    assert form.values(clinic, key) == TYPED
    assert saves(clinic, key) == 1


def test_what_was_typed_and_never_sent_is_back_after_a_reload(enter: Enter, clinic: Clinic) -> None:
    form, key = typing(enter, clinic, "01-701-9403")
    # A browser that comes back online sends by itself; here the line to the server is cut instead.
    form.page.route("**/api/v1/forms/**", lambda route: route.abort("connectionfailed"))
    form.save("Save as draft")
    expect(form.state).to_contain_text(
        form.says("Not saved yet: connection lost, kept on this device. Trying again in {} s.")
    )
    form.page.close()
    again = FormPage(form.page.context.new_page(), COORDINATOR)
    again.page.goto(address(key))
    expect(again.notices).to_contain_text(
        again.says("Answers that were typed here and not saved have been put back: {}.")
    )
    expect(again.answer(f"{SUPINE}: {SYSTOLIC}")).to_have_value("128")
    expect(again.answer(f"{SUPINE}: {DIASTOLIC}")).to_have_value("78")
    again.button("Save now").click()
    again.is_saved()
    assert again.values(clinic, key) == TYPED
    assert saves(clinic, key) == 1


def test_nothing_is_lost_when_the_session_ends_while_one_is_typing(enter: Enter, clinic: Clinic) -> None:
    form, key = typing(enter, clinic, "01-701-9404")
    form.page.context.clear_cookies()
    form.save("Save as draft")
    ended = "Not saved yet: your session has ended. Your answers are kept on this device."
    expect(form.state).to_have_text(form.word(ended))
    with form.page.expect_popup() as opened:
        form.notices.get_by_role("link", name=form.word("Sign in in a new tab")).click()
    door = opened.value
    door.locator("#id_login").fill(COORDINATOR)
    door.locator("#id_password").fill(PASSWORD)
    door.locator("button.button-primary").click()
    expect(door.get_by_role("heading", level=1, name=word(COORDINATOR, "Studies"))).to_be_visible()
    door.close()
    form.page.bring_to_front()
    form.save("Save as draft")
    form.is_saved()
    assert form.values(clinic, key) == TYPED
    assert saves(clinic, key) == 1


def test_what_is_typed_while_the_page_is_still_loading_is_kept(enter: Enter, clinic: Clinic) -> None:
    key = participant(clinic, "01-701-9405", "BASELINE") + "/VS"
    held: list[Route] = []
    page = enter(COORDINATOR)
    page.route("**/entry/form*.js", lambda route: held.append(route))
    page.goto(address(key), wait_until="commit")
    form = FormPage(page, COORDINATOR)
    for question, value in ((SYSTOLIC, "128"), (DIASTOLIC, "78")):
        form.answer(f"{SUPINE}: {question}").fill(value)
    expect(form.button("Save as draft")).to_be_disabled()
    held[0].continue_()
    form.save("Save as draft")
    form.is_saved()
    assert form.values(clinic, key) == TYPED
