"""The hosts that this installation calls, why, and how a firewall or a perimeter lets it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from connections.egress import Address

PORT: Final = 443
SANDBOX: Final = "sandbox"
# Google's own name for the Storage Read API; asked only with the role for it.
STORAGE: Final = "bigquerystorage.googleapis.com"


@dataclass(frozen=True)
class Host:
    """One host, always by TLS. ``is_needed`` is False for what works are better with."""

    name: str
    purpose: str
    is_needed: bool = True

    @property
    def with_port(self) -> str:
        return f"{self.name}:{PORT}"


def google_hosts(endpoints: Mapping[str, Mapping[str, str]]) -> list[Host]:
    """Google's, from the one table that says where keys and queries go."""
    google = endpoints["google"]
    return [
        Host(_host(google["token_uri"]), "Changes a key for a short-lived token"),
        Host(_host(google["api_endpoint"]), "Queries, jobs, tables and their rows"),
        Host(STORAGE, "Faster reads, with BigQuery Read Session User only", is_needed=False),
    ]


def clevertap_hosts(
    regions: Mapping[str, Mapping[str, str]], *, in_use: Iterable[str]
) -> list[Host]:
    """CleverTap's, one for each region; needed are those that an account here is in."""
    used = set(in_use)
    return [
        Host(_host(row["url"]), f"CleverTap, {row['label']}", is_needed=region in used)
        for region, row in regions.items()
        if region != SANDBOX
    ]


def access_level(addresses: Sequence[Address]) -> str:
    """The specification of an access level that lets these addresses through a perimeter."""
    ranges = [address.cidr for address in addresses] or ["YOUR_ADDRESS/32"]
    lines = "\n".join(f"    - {cidr}" for cidr in ranges)
    return f"- ipSubnetworks:\n{lines}"


ALLOW_IN_PERIMETER: Final = (
    "gcloud access-context-manager levels create clevertap_bq \\\n"
    "  --title=clevertap-bq \\\n"
    "  --basic-level-spec=level.yaml \\\n"
    "  --policy=POLICY_NUMBER\n"
    "gcloud access-context-manager perimeters update PERIMETER \\\n"
    "  --add-access-levels=clevertap_bq \\\n"
    "  --policy=POLICY_NUMBER"
)
FIND_EGRESS: Final = (
    ("On the machine of the workers", "curl --ipv4 https://checkip.amazonaws.com"),
    (
        "Cloud NAT, gcloud",
        "gcloud compute routers get-nat-ip-info ROUTER \\\n  --region=REGION",
    ),
    (
        "NAT gateway, AWS",
        "aws ec2 describe-nat-gateways \\\n"
        '  --query "NatGateways[].NatGatewayAddresses[].PublicIp" \\\n'
        "  --output text",
    ),
)
SET_EGRESS: Final = "EGRESS_ADDRESSES=FIRST_ADDRESS,SECOND_ADDRESS"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
