"""In a real browser: the API's page is drawn under the strict policy, in light and dark, and tries what it shows."""

import pytest
from playwright.sync_api import expect

from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_list_is_asked_for_from_the_page(tab, make_post):  # noqa: F811
    make_post(caption="Bread at seven")
    tab.go("/api/docs/")
    operation = tab.locator("#operations-posts-list_posts")
    operation.get_by_role("button", name="get /api/v1/social/scheduled-posts/", exact=False).first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status").first).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text("Bread at seven")


@pytest.mark.parametrize(("scheme", "is_dark"), [("dark", True), ("light", False)])
def test_the_page_wears_the_theme_of_the_system(tab, scheme, is_dark):  # noqa: F811
    tab.emulate_media(color_scheme=scheme)
    tab.go("/api/docs/")
    expect(tab.get_by_text("Make a draft")).to_be_visible()
    assert tab.evaluate("document.documentElement.classList.contains('dark-mode')") is is_dark
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(paper) < 200) is is_dark


def test_the_page_fits_a_phone(tab):  # noqa: F811
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.go("/api/docs/")
    expect(tab.get_by_text("Make a draft")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
