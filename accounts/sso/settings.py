"""What the operator says about the provider."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Client:
    """This installation, as the provider knows it. ``redirect_uri`` is where people come back."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    may_be_plain: bool = False  # http is for a provider on this machine only
