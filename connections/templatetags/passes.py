"""What a verified test says of its checks, in templates."""

from django import template

from connections.steps import passed_in_words

register = template.Library()
register.filter(passed_in_words)
