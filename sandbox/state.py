"""Everything the sandbox remembers while it runs, opened from and closed to one folder."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import sample
from sandbox.clevertap.store import Store
from sandbox.faults import Faults
from sandbox.google.access import Caller
from sandbox.google.accounts import Accounts
from sandbox.google.jobs import Jobs
from sandbox.google.resumable import Sessions
from sandbox.google.tokens import Tokens
from sandbox.google.warehouse import Warehouse
from sandbox.ledger import Ledger


@dataclass
class SandboxState:
    """What the handlers work on. `base_url` has no slash at its end.

    `storage_url` is where the Storage Read API is served; empty: nowhere.
    """

    data_dir: Path
    base_url: str
    ledger: Ledger
    faults: Faults
    accounts: Accounts
    tokens: Tokens
    warehouse: Warehouse
    jobs: Jobs
    clevertap: Store
    storage_url: str = ""
    uploads: Sessions = field(default_factory=Sessions)
    started_at: float = field(default_factory=time.time)

    def reset(self) -> None:
        """Back to a fresh sandbox, but sample data, other tables and keys stay."""
        self.faults.clear()
        self.accounts.restore()
        self.jobs.clear()
        self.uploads.clear()
        self.clevertap.clear()
        self.ledger.clear()

    def close(self) -> None:
        """Stop running jobs and give every file back."""
        closers: tuple[Callable[[], None], ...] = (
            self.jobs.close,
            self.warehouse.close,
            self.clevertap.close,
            self.ledger.close,
        )
        for close in closers:
            close()


def open_state(data_dir: Path, base_url: str) -> SandboxState:
    """Open the folder; the first time, make keys and sample data in it (a few seconds).

    Raises: OSError when the folder cannot be used; WarehouseBusy when another sandbox has it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    faults = Faults()
    warehouse = Warehouse(data_dir)
    accounts = Accounts(data_dir / "keys")
    sample.fill(warehouse, Caller(accounts.named("admin"), faults))
    return SandboxState(
        data_dir=data_dir,
        base_url=base_url.rstrip("/"),
        ledger=Ledger(data_dir / "ledger.jsonl"),
        faults=faults,
        accounts=accounts,
        tokens=Tokens(),
        warehouse=warehouse,
        jobs=Jobs(warehouse, faults),
        clevertap=Store(data_dir),
    )
