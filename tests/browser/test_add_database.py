"""Add Database in real Chromium, by the labels of product §2: read a key, test, save, and lose nothing."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.database_form import (
    ADD,
    CONNECTIONS,
    choose,
    drop,
    drop_from_disk,
    expire_drafts,
    open_form,
    paste,
    press,
    whose,
)
from tests.browser.test_mission import save_database

pytestmark = pytest.mark.browser

WRONG_KINDS = {
    "an OAuth client": (b'{"installed": {"client_id": "1.apps"}}', "This is an OAuth client file"),
    "a person’s credentials": (
        b'{"type": "authorized_user", "client_id": "1", "refresh_token": "1//x"}',
        "These are a person’s own credentials",
    ),
    "a P12 file": (b"\x30\x82\x09\x59\x02\x01\x03" + bytes(range(200)), "P12"),
    "a web page": (b"<!DOCTYPE html><title>Sign in</title>", "This is a web page, not a key"),
}


@pytest.fixture(scope="module")
def good(product):
    return product.sandbox.key("good")


def summary(page):
    return page.locator(".error-summary")


def count_of(page, product, name):
    page.goto(f"{product.url}{CONNECTIONS}?q={name}")
    return page.get_by_role("link", name=name, exact=True).count()


class TestUploadJsonFile:
    def test_says_whose_the_chosen_key_is_and_fills_in_the_project(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        whose(visitor)
        expect(visitor.locator(".key-identity")).to_contain_text(
            json.loads(good)["private_key_id"][:8]
        )
        expect(visitor.get_by_label("Project ID")).to_have_value("sandbox-shop-4711")

    def test_reads_a_file_that_is_dropped_on_the_zone(self, visitor, product, good):
        open_form(visitor, product, name="Dropped")
        assert drop(visitor, [("key.json", good.decode())])
        whose(visitor)
        expect(visitor.get_by_label("Connection name")).to_have_value("Dropped")

    def test_reads_a_file_that_is_dragged_from_a_folder(self, visitor, product, good, tmp_path):
        open_form(visitor, product)
        (tmp_path / "key.json").write_bytes(good)
        drop_from_disk(visitor, tmp_path / "key.json")
        whose(visitor)

    def test_reads_a_file_that_is_dropped_while_the_other_tab_is_open(self, visitor, product, good):
        open_form(visitor, product)
        visitor.get_by_label("Custom key").check()
        drop(visitor, [("key.json", good.decode())], on="textarea")
        whose(visitor)

    def test_a_file_dropped_beside_the_form_does_not_replace_the_page(self, visitor, product, good):
        open_form(visitor, product, name="Kept")
        assert drop(visitor, [("key.json", good.decode())], on="h1")
        expect(visitor.get_by_label("Connection name")).to_have_value("Kept")

    def test_refuses_two_files_at_once(self, visitor, product, good):
        open_form(visitor, product)
        drop(visitor, [("a.json", good.decode()), ("b.json", good.decode())])
        expect(visitor.get_by_role("alert")).to_have_text(
            "These are 2 files. Drop one key file only."
        )

    def test_refuses_a_folder_by_its_name(self, visitor, product, tmp_path):
        open_form(visitor, product)
        (tmp_path / "keys").mkdir()
        drop_from_disk(visitor, tmp_path / "keys")
        expect(visitor.get_by_role("alert")).to_contain_text("“keys” is a folder.")

    def test_refuses_a_huge_file_without_sending_it(self, visitor, product):
        open_form(visitor, product)
        sent = []
        visitor.on("request", lambda request: sent.append(request.method))
        drop(visitor, [("dump.json", "x" * 5_000_000)])
        expect(visitor.get_by_role("alert")).to_contain_text("“dump.json” is too large")
        assert "POST" not in sent

    def test_refuses_a_dropped_file_that_is_no_key_and_takes_the_next(self, visitor, product, good):
        open_form(visitor, product)
        drop(visitor, [("photo.jpg", "\xff\xd8 not a key")])
        expect(summary(visitor)).to_be_visible()
        expect(visitor.locator(".key-drop__zone")).to_contain_text("Choose the key file")
        drop(visitor, [("key.json", good.decode())])
        whose(visitor)

    @pytest.mark.parametrize("kind", WRONG_KINDS)
    def test_names_what_the_file_is_when_it_is_no_key(self, kind, visitor, product):
        content, words = WRONG_KINDS[kind]
        open_form(visitor, product)
        choose(visitor, content)
        expect(summary(visitor)).to_contain_text(words)

    def test_the_same_file_can_be_chosen_again_after_an_error(self, visitor, product, good):
        open_form(visitor, product)
        visitor.route(f"**{ADD}", lambda route: route.fulfill(status=404))
        choose(visitor, good)
        expect(visitor.get_by_text("The server could not finish this.")).to_be_visible()
        visitor.unroute(f"**{ADD}")
        assert visitor.locator("input[type=file]").evaluate("box => box.files.length") == 0
        choose(visitor, good)
        whose(visitor)


class TestCustomKey:
    def test_reads_a_pasted_key_at_once(self, visitor, product, good):
        open_form(visitor, product)
        paste(visitor, good.decode())
        whose(visitor)

    def test_reads_a_typed_key_when_the_button_is_pressed(self, visitor, product, good):
        open_form(visitor, product)
        visitor.get_by_label("Custom key").check()
        visitor.get_by_label("Key as JSON text").fill(good.decode())
        press(visitor, "Read key")
        whose(visitor)

    def test_asks_for_the_key_in_the_tab_that_is_open(self, visitor, product):
        open_form(visitor, product)
        visitor.get_by_label("Custom key").check()
        press(visitor, "Read key")
        summary(visitor).get_by_role("link", name="Choose the key file, or paste the key").click()
        expect(visitor.get_by_label("Key as JSON text")).to_be_focused()

    def test_refuses_a_paste_that_is_far_too_long(self, visitor, product):
        open_form(visitor, product)
        paste(visitor, "{" + "x" * 1_000_000)
        expect(visitor.get_by_role("alert")).to_contain_text("too long to be a service account key")

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda key: key.replace("\\n", "\\\\n"), "that were escaped twice were restored."),
            (lambda key: "\ufeff" + key, "A byte-order mark in front of the key was removed."),
            (lambda key: "  \n\n " + key + "  \n ", "White space around the key was removed."),
        ],
        ids=["escaped twice", "byte-order mark", "outer spaces"],
    )
    def test_repairs_what_a_paste_does_to_a_key_and_says_so(
        self, spoil, sentence, visitor, product, good
    ):
        open_form(visitor, product)
        paste(visitor, spoil(good.decode()))
        whose(visitor)
        expect(visitor.locator(".key-identity")).to_contain_text(sentence)

    def test_leaves_the_key_nowhere_in_the_browser(self, visitor, product, good):
        open_form(visitor, product)
        paste(visitor, good.decode())
        whose(visitor)
        assert visitor.locator("textarea").input_value() == ""
        places = visitor.evaluate(
            "() => [location.href, JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}),"
            " JSON.stringify(history.state), document.cookie,"
            " ...[...document.querySelectorAll('input, textarea')].map((box) => box.value)]"
        )
        for place in (visitor.content(), *places):
            assert "PRIVATE KEY" not in place


class TestTheDraft:
    def test_one_upload_serves_test_and_save(self, visitor, product, good):
        open_form(visitor, product, name="One upload", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        press(visitor, "Test Connection")
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        press(visitor, "Save")
        expect(visitor.get_by_text("“One upload” is saved and verified.")).to_be_visible()
        expect(visitor.get_by_role("link", name="Create Import").first).to_be_visible()

    def test_save_without_a_test_says_not_verified(self, visitor, product, good):
        open_form(visitor, product, name="Untested", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        press(visitor, "Save")
        expect(visitor.get_by_text("“Untested” is saved, not verified.")).to_be_visible()

    def test_an_error_elsewhere_costs_neither_key_nor_words_nor_findings(
        self, visitor, product, good
    ):
        save_database(visitor, product, name="Taken")
        open_form(visitor, product, name="Taken", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        press(visitor, "Test Connection")
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        press(visitor, "Save")
        expect(summary(visitor)).to_contain_text("There is already a connection called “Taken”.")
        whose(visitor)
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        visitor.get_by_label("Dataset ID").fill("not a dataset!")
        press(visitor, "Save")
        expect(visitor.get_by_label("Dataset ID")).to_have_value("not a dataset!")
        whose(visitor)

    def test_an_expired_draft_says_so_and_keeps_the_rest(self, visitor, product, good):
        open_form(visitor, product, name="Too late", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        expire_drafts(product)
        press(visitor, "Save")
        expect(summary(visitor)).to_contain_text(
            "read more than 30 minutes ago and is no longer kept"
        )
        expect(visitor.get_by_label("Connection name")).to_have_value("Too late")
        expect(visitor.get_by_label("Dataset ID")).to_have_value("shop")
        expect(visitor.get_by_role("group", name="Google Service Account Key")).to_be_visible()

    def test_another_key_takes_the_place_of_the_first(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        whose(visitor)
        visitor.get_by_text("Use another key").click()
        choose(visitor, product.sandbox.key("reader"))
        whose(visitor, "reader")
        expect(visitor.locator(".key-drop")).to_be_hidden()

    def test_another_key_that_is_none_leaves_the_first_in_force(self, visitor, product, good):
        open_form(visitor, product)
        choose(visitor, good)
        whose(visitor)
        visitor.get_by_text("Use another key").click()
        choose(visitor, b"{}")
        expect(visitor.locator(".key-drop")).to_contain_text("The JSON object is empty.")
        whose(visitor)

    def test_a_verdict_is_not_about_what_is_typed_since(self, visitor, product, good):
        open_form(visitor, product, dataset="shop")
        choose(visitor, good)
        whose(visitor)
        press(visitor, "Test Connection")
        expect(visitor.get_by_text("Every check passed.")).to_be_visible()
        stale = visitor.get_by_text("The form has changed since this test.")
        expect(stale).to_be_hidden()
        visitor.get_by_label("Dataset ID").fill("shop2")
        expect(stale).to_be_visible()
        visitor.get_by_label("Dataset ID").fill("shop")
        expect(stale).to_be_hidden()
        visitor.get_by_label("Read only").check()
        expect(stale).to_be_visible()

    def test_two_tabs_hold_two_drafts(self, visitor, product, good):
        open_form(visitor, product, name="Left")
        choose(visitor, good)
        whose(visitor)
        other = visitor.context.new_page()
        open_form(other, product, name="Right")
        choose(other, product.sandbox.key("reader"))
        whose(other, "reader")
        press(visitor, "Test Connection")
        expect(summary(visitor)).to_contain_text("Enter the Dataset ID.")
        whose(visitor, "good")

    def test_a_key_that_is_stored_elsewhere_is_pointed_out_by_name(self, visitor, product):
        for name in ("First home", "Second home"):
            open_form(visitor, product, name=name, dataset="shop")
            choose(visitor, product.sandbox.key("admin"))
            whose(visitor, "admin")
            if name == "First home":
                press(visitor, "Save")
                expect(visitor.get_by_role("heading", name=name)).to_be_visible()
        note = "The same key is already used by “First home”."
        expect(visitor.locator(".key-identity")).to_contain_text(note)

    def test_a_key_of_another_project_is_said_and_allowed(self, visitor, product, good):
        open_form(visitor, product, name="Elsewhere", project="other-shop-1", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        note = visitor.locator(
            "#key-notes", has_text="The key belongs to project sandbox-shop-4711"
        )
        expect(note).to_be_visible()
        visitor.get_by_label("Project ID").fill("sandbox-shop-4711")
        visitor.get_by_label("Dataset ID").focus()
        expect(note).to_have_count(0)
        visitor.get_by_label("Project ID").fill("other-shop-1")
        press(visitor, "Save")
        expect(visitor.get_by_text("“Elsewhere” is saved")).to_be_visible()

    def test_what_is_typed_while_the_key_is_read_stays(self, visitor, product, good):
        open_form(visitor, product, name="Ty")
        held = []
        visitor.route(f"**{ADD}", lambda route: held.append(route))
        with visitor.expect_request(f"**{ADD}"):
            choose(visitor, good)
        visitor.get_by_label("Connection name").press_sequentially("ped", delay=20)
        visitor.keyboard.press("ArrowLeft")
        held.pop().continue_()
        whose(visitor)
        visitor.keyboard.type("_")
        expect(visitor.get_by_label("Connection name")).to_have_value("Type_d")


class TestSave:
    def test_a_double_click_makes_one_connection(self, visitor, product, good):
        open_form(visitor, product, name="Twice", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        visitor.get_by_role("button", name="Save", exact=True).dblclick()
        expect(visitor.get_by_role("heading", name="Twice", exact=True)).to_be_visible()
        assert count_of(visitor, product, "Twice") == 1

    def test_the_back_button_sends_nothing_again(self, visitor, product, good):
        open_form(visitor, product, name="Gone back", dataset="shop")
        choose(visitor, good)
        whose(visitor)
        press(visitor, "Save")
        expect(visitor.get_by_role("heading", name="Gone back", exact=True)).to_be_visible()
        sent = []
        visitor.on("request", lambda request: sent.append(request.method))
        visitor.go_back()
        expect(visitor.get_by_role("button", name="Test Connection")).to_be_visible()
        assert "POST" not in sent
        assert count_of(visitor, product, "Gone back") == 1
