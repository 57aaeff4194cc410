"""The gate before every gRPC call: who asks, the ledger, and faults on whole calls.

What `sandbox.gate` is for HTTP. A connection cannot be closed for one call of many, so where
a fault closes it, the client gets what its own library says of a closed connection.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from sandbox.faults import Call, Rule
from sandbox.google.access import Caller
from sandbox.google.accounts import ServiceAccount
from sandbox.google.storage.bearers import account_of
from sandbox.google.storage.refusals import HTTP, Refusal, cut, expired, fault
from sandbox.ledger import Entry
from sandbox.state import SandboxState

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"
_NAME = "storage"
_CLOSED_UNANSWERED = 0
_LEFT = 499
_LONGEST_HANG = 600.0


@dataclass
class Ask:
    """One authenticated call."""

    caller: Caller
    state: SandboxState
    entry: Entry
    loses_answer: bool = False
    loses_half: bool = False

    def note(self, **facts: Any) -> None:
        """Add facts to the ledger's entry; None values are left out."""
        self.entry.facts.update({name: one for name, one in facts.items() if one is not None})


def unary(
    state: SandboxState, name: str, work: Callable[[Ask, Any], Any]
) -> Callable[[Any, grpc.ServicerContext], Any]:
    """A handler that answers once."""

    def handle(request: Any, context: grpc.ServicerContext) -> Any:
        with _passed(state, name, context) as ask:
            answer = work(ask, request)
            if ask.loses_answer or ask.loses_half:
                raise cut()
        return answer

    return handle


def streaming(
    state: SandboxState, name: str, work: Callable[[Ask, Any], Iterator[Any]]
) -> Callable[[Any, grpc.ServicerContext], Iterator[Any]]:
    """A handler that answers many times. A lost answer is lost after the first of them.

    Of half an answer the handler itself gives half.
    """

    def handle(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        with _passed(state, name, context) as ask:
            for answer in work(ask, request):
                yield answer
                if ask.loses_answer:
                    raise cut()
            if ask.loses_half:
                raise cut()

    return handle


@contextmanager
def _passed(state: SandboxState, name: str, context: grpc.ServicerContext) -> Iterator[Ask]:
    """What is refused within ends the call, in the ledger first."""
    entry = state.ledger.record(Entry(_NAME, "POST", f"/{SERVICE}/{name}"))
    status, refusal = _LEFT, None
    try:
        account = _known(state, context)
        call = _call(entry, account)
        _carry_out_faults(state, call, entry, context)
        if isinstance(account, Refusal):
            raise account
        caller = Caller(account, state.faults, _NAME)
        loses_answer = _take(state, "lost_answer", call, entry) is not None
        loses_half = _take(state, "half_answer", call, entry) is not None
        yield Ask(caller, state, entry, loses_answer, loses_half)
        status = HTTP[grpc.StatusCode.OK]
    except Refusal as refused:
        refusal, status = refused, _status(refused)
        entry.facts["code"] = refused.code.name
    except Exception:
        status = HTTP[grpc.StatusCode.INTERNAL]
        raise
    finally:
        state.ledger.complete(entry, status)
    if refusal is not None:
        refusal.abort(context)


def _status(refused: Refusal) -> int:
    if refused.message == cut().message:
        return _CLOSED_UNANSWERED
    return HTTP.get(refused.code, 500)


def _known(state: SandboxState, context: grpc.ServicerContext) -> ServiceAccount | Refusal:
    headers = dict(context.invocation_metadata())
    try:
        return account_of(str(headers.get("authorization", "")), state)
    except Refusal as refused:
        return refused


def _call(entry: Entry, account: ServiceAccount | Refusal) -> Call:
    email = None if isinstance(account, Refusal) else account.email
    if email is not None:
        entry.facts["account"] = email
    return Call(_NAME, entry.method, entry.path, email)


def _carry_out_faults(
    state: SandboxState, call: Call, entry: Entry, context: grpc.ServicerContext
) -> None:
    if rule := _take(state, "hang", call, entry):
        _gone(context).wait(rule.seconds or _LONGEST_HANG)
        raise cut()
    if _take(state, "drop_before", call, entry):
        raise cut()
    if rule := _take(state, "latency", call, entry):
        rule.hold(_gone(context))
    if rule := _take(state, "status", call, entry):
        raise fault(rule.status or 500, rule.reason)
    if _take(state, "expired", call, entry):
        raise expired()


def _take(state: SandboxState, effect: str, call: Call, entry: Entry) -> Rule | None:
    rule = state.faults.take(effect, call)
    if rule is not None:
        entry.facts["fault"] = effect
    return rule


def _gone(context: grpc.ServicerContext) -> threading.Event:
    """Set once the client has left."""
    gone = threading.Event()
    if not context.add_callback(gone.set):
        gone.set()
    return gone
