"""The set-up guide in real Chromium: it follows what is typed and takes nothing away from it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Letter by letter, with no pause between them, however busy the machine is.
TYPED_AT_A_STROKE = """(box, letters) => {
  for (const letter of letters) {
    box.value += letter;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""
GRANT = "BigQuery Data Editor, SQL"


def test_the_guide_follows_the_typing_and_leaves_the_cursor_where_it_is(page, product):
    page.goto(f"{product.url}/settings/partners/bigquery/add/")
    page.get_by_role("radio", name="Existing resources").check()
    page.locator("summary", has_text="Assign what is missing").click()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    project = page.get_by_label("Project ID")
    project.focus()
    project.evaluate(TYPED_AT_A_STROKE, "shop-4711")
    expect(page.get_by_role("group", name=GRANT)).to_contain_text("`shop-4711`.`DATASET_ID`")
    expect(project).to_be_focused()
    page.get_by_label("Dataset ID").evaluate(TYPED_AT_A_STROKE, "crm")
    page.get_by_text("Read only", exact=True).click()
    grant = page.get_by_role("group", name="BigQuery Data Viewer, SQL")
    expect(grant).to_contain_text("ON SCHEMA `shop-4711`.`crm`")
    expect(grant).to_be_visible()
    expect(page.get_by_role("radio", name="Existing resources")).to_be_checked()
    guides = [url for url in asked if "/bigquery/guide/" in url]
    assert 2 <= len(guides) <= 3, guides  # once a pause, not once a letter
    assert not [url for url in guides if "key_text" in url]


def test_the_guide_names_the_real_account_and_both_lists_follow_a_new_project(page, product):
    page.goto(f"{product.url}/settings/partners/bigquery/add/")
    upload = {
        "name": "key.json",
        "mimeType": "application/json",
        "buffer": product.sandbox.key("good"),
    }
    page.set_input_files("input[type=file]", upload)
    expect(page.get_by_text("Done: the key that was read belongs to").first).to_be_attached()
    with page.expect_request("**/bigquery/datasets/**"), page.expect_request("**/guide/**"):
        page.get_by_label("Project ID").fill("other-shop-4711")
        page.get_by_label("Dataset ID").focus()
    account = page.get_by_role("group", name=GRANT, include_hidden=True).first
    expect(account).to_contain_text("sandbox-shop-4711.iam.gserviceaccount.com")
    expect(account).to_contain_text("`other-shop-4711`")
