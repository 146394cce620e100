"""How much of a link there is a day, and what of it is used: reserved where a turn begins, settled where it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from agentfabric.store.records import ShareRecord, ShareUsageRecord
from user_agent.errors import LimitReached
from user_agent.events import Usage
from user_agent.models.entry import Price

MILLION = 1_000_000
RESERVED_TOKENS = 30_000
"""What a turn may use at the most where tokens or money are limited, and less where less is left: so much is reserved
for it, so that turns which run at once do not use the same rest."""
LEAST_TOKENS = 200
"""What is less is too little for any answer."""
WAITS_FOR_OTHERS_S = 30
"""When to try again where all that is left is reserved by turns that run: most give some of it back."""


class Share(BaseModel):
    """What one visitor, or all of them, may use on one day; None for any amount."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: Annotated[int, Field(ge=1, le=10**9)] | None = None
    tokens: Annotated[int, Field(ge=1, le=10**12)] | None = None
    money: Annotated[float, Field(gt=0, le=10**9)] | None = None


class ShareLimits(BaseModel):
    """The limits of a link. `currency` is that of the money in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visitor: Share = Share(turns=50)
    everybody: Share = Share(turns=500)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None

    @property
    def limits_money(self) -> bool:
        return self.visitor.money is not None or self.everybody.money is not None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a turn was given. `tokens` is how many it may use; None for as many as any answer may."""

    share: str
    visitor: str
    day: str
    tokens: int | None
    cost: int
    """Reserved, in millionths."""
    price: Price | None


def reserve(session: Session, share: ShareRecord, visitor: str, price: Price | None, moment: datetime) -> Grant:
    """Count a turn that begins. `share` is held by this transaction, so no two see the same rest.

    `price` is what the agent's model costs, None where nobody knows. Raises `LimitReached`.
    """
    limits, day = ShareLimits.model_validate_json(share.limits), moment.date().isoformat()
    rows = [
        (_row(session, share.id, day, name), cap) for name, cap in ((visitor, limits.visitor), ("", limits.everybody))
    ]
    tokens = [left for row, cap in rows for left in _left(row, cap, price, limits.currency, moment)]
    granted = min((RESERVED_TOKENS, *tokens)) if tokens else None
    cost = _highest_cost(price, granted) if granted is not None and limits.limits_money else 0
    for row, _ in rows:
        row.turns += 1
        row.reserved_tokens += granted or 0
        row.reserved_cost += cost
    return Grant(share.id, visitor, day, granted, cost, price)


def settle(session: Session, grant: Grant, usage: Usage) -> None:
    """Count what a turn really used, in the place of what was reserved for it."""
    for name in (grant.visitor, ""):
        row = session.get(ShareUsageRecord, (grant.share, grant.day, name), with_for_update=True)
        if row is None:  # the link was erased with its agent
            return
        row.reserved_tokens -= grant.tokens or 0
        row.reserved_cost -= grant.cost
        row.tokens += usage.input_tokens + usage.output_tokens
        row.cost += cost_of(grant.price, usage)


def cost_of(price: Price | None, usage: Usage) -> int:
    """In millionths of the price's currency; 0 where nobody knows the price."""
    # A price is that of a million tokens, so what one costs is as many millionths.
    return round(usage.input_tokens * price.input + usage.output_tokens * price.output) if price else 0


def _left(row: ShareUsageRecord, cap: Share, price: Price | None, currency: str | None, moment: datetime) -> list[int]:
    """How many tokens are left by each limit of tokens and of money. Raises `LimitReached` where that are none."""
    if cap.turns is not None and row.turns >= cap.turns:
        raise limit_reached(moment)
    left: list[int] = []
    if cap.tokens is not None:
        left.append(rest_of(cap.tokens - row.tokens, row.reserved_tokens, moment))
    if cap.money is not None:
        if price is None or price.currency != currency:
            raise limit_reached(moment)  # nobody can tell what an answer would cost: none is given
        dearest = max(price.input, price.output)
        if dearest > 0:
            rest = int((cap.money * MILLION - row.cost) / dearest)
            left.append(rest_of(rest, -int(-row.reserved_cost // dearest), moment))
    return left


def rest_of(left: int, reserved: int, moment: datetime) -> int:
    if left < LEAST_TOKENS:
        raise limit_reached(moment)
    if left - reserved < LEAST_TOKENS:
        raise LimitReached(_SAYS, retry_after_s=WAITS_FOR_OTHERS_S)
    return left - reserved


def _highest_cost(price: Price | None, tokens: int) -> int:
    return round(tokens * max(price.input, price.output)) if price else 0


def _row(session: Session, share: str, day: str, visitor: str) -> ShareUsageRecord:
    row = session.get(ShareUsageRecord, (share, day, visitor))
    if row is None:
        row = ShareUsageRecord(
            share_id=share, day=day, visitor=visitor, turns=0, tokens=0, cost=0, reserved_tokens=0, reserved_cost=0
        )
        session.add(row)
    return row


_SAYS = "This agent has answered as much as it may for now."


def limit_reached(moment: datetime) -> LimitReached:
    tomorrow = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return LimitReached(_SAYS, retry_after_s=max(1, int((tomorrow - moment).total_seconds())))
