"""Choices whose words say more than the name by which they are meant."""

import re


def choose_database(page, name):
    """By its name: what the list says about it changes while it is tested."""
    field = page.get_by_label("Database")
    option = field.locator("option").filter(has_text=re.compile(rf"^\s*{re.escape(name)} \("))
    field.select_option(value=option.get_attribute("value"))
