"""E-mail addresses in narrow places."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def breakable(email: str) -> SafeString:
    """The address, to be broken before its @ rather than in the middle of a word."""
    name, at, domain = str(email).rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, domain)
