"""The gateway to the provider of single sign-on (OpenID Connect; ADR 29)."""

from accounts.sso.metadata import ProviderUnavailable
from accounts.sso.provider import Identity, ProviderRefused, Start, begin, finish

__all__ = ["Identity", "ProviderRefused", "ProviderUnavailable", "Start", "begin", "finish"]
