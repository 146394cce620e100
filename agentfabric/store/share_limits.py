"""How much of a link or a key there is a day, and what of it is used: reserved where an answer begins, settled where it
ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from agentfabric.store.counts import Counted, Counts, add, add_rows, counts
from agentfabric.store.reservations import hold, let_go
from user_agent.errors import LimitReached
from user_agent.events import Usage
from user_agent.models.entry import Price

MILLION = 1_000_000
RESERVED_TOKENS = 30_000
"""What an answer may use at the most where tokens or money are limited, and less where less is left: so much is
reserved for it, so that answers which are given at once do not use the same rest."""
LEAST_TOKENS = 200
"""What is less is too little for any answer."""
WAITS_FOR_OTHERS_S = 30
"""When to try again where all that is left is reserved by answers that are being given: most give some of it back."""


class Share(BaseModel):
    """What one visitor, all of them, or a key may use on one day; None for any amount."""

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
class Used:
    """What was used today. `money` is in the currency of the limits."""

    turns: int = 0
    tokens: int = 0
    money: float = 0.0
    visitors: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What an answer was given. `tokens` is how many it may use; None for as many as any answer may."""

    counted: tuple[Counted, ...]
    tokens: int | None
    cost: int
    """Reserved, in millionths."""
    price: Price | None
    reservation: str | None = None
    """What holds what is reserved; None where nothing is."""


def reserve(
    session: Session,
    process: str,
    caps: Sequence[tuple[Counted, Share]],
    currency: str | None,
    price: Price | None,
    moment: datetime,
) -> Grant:
    """Count an answer that `process` begins. What is limited is held by this transaction, so no two see the same rest.

    `currency` is that of the caps' money; `price` is what the agent's model costs, None where nobody knows. Raises
    `LimitReached`.
    """
    places = tuple(counted for counted, _ in caps)
    found = counts(session, places)
    rows = [(found.get(counted, Counts()), cap) for counted, cap in caps]
    tokens = [left for row, cap in rows for left in _left(row, cap, price, currency, moment)]
    granted = min((RESERVED_TOKENS, *tokens)) if tokens else None
    limits_money = any(cap.money is not None for _, cap in caps)
    cost = _highest_cost(price, granted) if granted is not None and limits_money else 0
    add_rows(session, [counted for counted in places if counted not in found])
    add(session, places, Counts(turns=1, reserved_tokens=granted or 0, reserved_cost=cost))
    if granted is None:
        return Grant(places, None, 0, price)
    return Grant(places, granted, cost, price, hold(session, process, places, granted, cost))


def settle(session: Session, grant: Grant, usage: Usage) -> None:
    """Count what an answer really used, in the place of what was reserved for it, or has been counted as used."""
    tokens, cost = usage.input_tokens + usage.output_tokens, cost_of(grant.price, usage)
    reserved = grant.tokens or 0
    if grant.reservation is None or let_go(session, grant.reservation):
        used = Counts(tokens=tokens, cost=cost, reserved_tokens=-reserved, reserved_cost=-grant.cost)
    else:
        used = Counts(tokens=tokens - reserved, cost=cost - grant.cost)
    add(session, grant.counted, used)


def used_of(counted: Counts | None, visitors: int = 0) -> Used:
    return Used() if counted is None else Used(counted.turns, counted.tokens, counted.cost / MILLION, visitors)


def cost_of(price: Price | None, usage: Usage) -> int:
    """In millionths of the price's currency; 0 where nobody knows the price."""
    # A price is that of a million tokens, so what one costs is as many millionths.
    return round(usage.input_tokens * price.input + usage.output_tokens * price.output) if price else 0


def _left(row: Counts, cap: Share, price: Price | None, currency: str | None, moment: datetime) -> list[int]:
    """How many tokens are left by each limit of tokens and of money. Raises `LimitReached` where that are none."""
    if cap.turns is not None and row.turns >= cap.turns:
        raise _limit_reached(moment)
    left: list[int] = []
    if cap.tokens is not None:
        left.append(_rest_of(cap.tokens - row.tokens, row.reserved_tokens, moment))
    if cap.money is not None:
        if price is None or price.currency != currency:
            raise _limit_reached(moment)  # nobody can tell what an answer would cost: none is given
        dearest = max(price.input, price.output)
        if dearest > 0:
            rest = int((cap.money * MILLION - row.cost) / dearest)
            left.append(_rest_of(rest, -int(-row.reserved_cost // dearest), moment))
    return left


def _rest_of(left: int, reserved: int, moment: datetime) -> int:
    if left < LEAST_TOKENS:
        raise _limit_reached(moment)
    if left - reserved < LEAST_TOKENS:
        raise LimitReached(_SAYS, retry_after_s=WAITS_FOR_OTHERS_S)
    return left - reserved


def _highest_cost(price: Price | None, tokens: int) -> int:
    return round(tokens * max(price.input, price.output)) if price else 0


_SAYS = "This agent has answered as much as it may for now."


def _limit_reached(moment: datetime) -> LimitReached:
    return LimitReached(_SAYS, retry_after_s=until_tomorrow_s(moment))


def until_tomorrow_s(moment: datetime) -> int:
    """When there is more of what is given by the day, in seconds."""
    tomorrow = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((tomorrow - moment).total_seconds()))
