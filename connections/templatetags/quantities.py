"""Bytes in templates, for ``components/bytes.html``: the same words everywhere."""

from django import template

from connections.quantities import bytes_in_words, exact_bytes

register = template.Library()
register.filter(bytes_in_words)
register.filter(exact_bytes)
