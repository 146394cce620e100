"""Endpoints that people added, and the models there that they chose. Their keys are in the store of secrets."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import EndpointModelRecord, EndpointRecord
from agentfabric.store.remembered import Remembered
from user_agent.errors import TooLarge
from user_agent.storable import cleaned

MAX_ENDPOINTS = 50
MAX_MODELS = 200
"""Of one endpoint."""
MAX_NAME_CHARS = 100

Facts = Mapping[str, JsonValue]
"""Fields of a model's entry."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model of an endpoint: what the endpoint calls it, and the key by which agents know it, which never changes."""

    id: str
    key: str
    name: str
    """What the person calls it."""
    model: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class StoredEndpoint:
    id: str
    name: str
    base_url: str
    type: str
    wants_key: bool
    """Whether a key was given for it, or asked for by it."""
    models: tuple[StoredModel, ...]


class EndpointStore:
    """Each user's endpoints. Those of somebody else are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listed = Remembered[tuple[StoredEndpoint, ...]]()

    async def list(self, owner: str) -> tuple[StoredEndpoint, ...]:
        """In the order in which they were added. The same object until something of them is written."""

        def work(session: Session) -> tuple[StoredEndpoint, ...]:
            wanted = select(EndpointRecord).where(EndpointRecord.owner == owner).order_by(EndpointRecord.created)
            found = select(EndpointModelRecord).where(EndpointModelRecord.owner == owner)
            models = list(session.scalars(found.order_by(EndpointModelRecord.position)))
            return tuple(
                _stored(record, [model for model in models if model.endpoint_id == record.id])
                for record in session.scalars(wanted)
            )

        return await self._listed.get(owner, lambda: self._database.read(work))

    async def get(self, owner: str, endpoint_id: str) -> StoredEndpoint:
        return await self._database.read(lambda session: _read(session, owner, endpoint_id))

    async def add(
        self, owner: str, endpoint_id: str, *, name: str, base_url: str, kind: str, wants_key: bool
    ) -> StoredEndpoint:
        """A new endpoint without models. Raises `TooLarge`."""

        def work(session: Session) -> StoredEndpoint:
            count = session.scalar(select(func.count()).where(EndpointRecord.owner == owner)) or 0
            if count >= MAX_ENDPOINTS:
                raise TooLarge(f"There are {MAX_ENDPOINTS} endpoints already. Remove one first.", limit=MAX_ENDPOINTS)
            record = EndpointRecord(
                id=endpoint_id, owner=owner, name=_shown(name), base_url=base_url, type=kind, wants_key=wants_key
            )
            session.add(record)
            session.flush()
            return _stored(record, [])

        return await self._listed.write(owner, self._database.write(work))

    async def change(self, owner: str, endpoint_id: str, fields: Mapping[str, Any]) -> StoredEndpoint:
        """The endpoint with these fields set: `name`, `base_url`, `type`, `wants_key`."""

        def work(session: Session) -> StoredEndpoint:
            record = owned(session, EndpointRecord, owner, endpoint_id, lock=True)
            for field, value in fields.items():
                setattr(record, field, _shown(value) if field == "name" else value)
            session.flush()
            return _read(session, owner, endpoint_id)

        return await self._listed.write(owner, self._database.write(work))

    async def remove(self, owner: str, endpoint_id: str) -> None:
        """The endpoint is gone, and its models with it."""

        def work(session: Session) -> None:
            session.delete(owned(session, EndpointRecord, owner, endpoint_id, lock=True))

        await self._listed.write(owner, self._database.write(work))

    async def add_models(
        self, owner: str, endpoint_id: str, models: Mapping[str, Facts], *, taken: Collection[str]
    ) -> StoredEndpoint:
        """More models of an endpoint, by its own names for them; those it has already stay as they are.

        Their keys differ from those in `taken` and from one another. Raises `TooLarge`.
        """

        def work(session: Session) -> StoredEndpoint:
            endpoint = owned(session, EndpointRecord, owner, endpoint_id, lock=True)
            mine = list(session.scalars(select(EndpointModelRecord).where(EndpointModelRecord.owner == owner)))
            here = {record.model: record for record in mine if record.endpoint_id == endpoint_id}
            new = [model for model in models if model not in here]
            if len(here) + len(new) > MAX_MODELS:
                raise TooLarge(f"An endpoint takes {MAX_MODELS} models. Choose fewer.", limit=MAX_MODELS)
            keys = {*taken, *(record.key for record in mine)}
            first = max((record.position for record in here.values()), default=0) + 1
            for position, model in enumerate(new, start=first):
                key = _free_key(model, endpoint.name, keys)
                keys.add(key)
                session.add(
                    EndpointModelRecord(
                        endpoint_id=endpoint_id,
                        owner=owner,
                        position=position,
                        key=key,
                        name=_shown(key),
                        model=model,
                        facts=json.dumps(dict(models[model])),
                    )
                )
            session.flush()
            return _read(session, owner, endpoint_id)

        return await self._listed.write(owner, self._database.write(work))

    async def change_model(
        self, owner: str, model_id: str, *, name: str | None = None, facts: Facts | None = None
    ) -> StoredModel:
        """A model with another name, and with these facts over those it had; a fact that is None goes."""

        def work(session: Session) -> StoredModel:
            record = owned(session, EndpointModelRecord, owner, model_id, lock=True)
            if name is not None:
                record.name = _shown(name) or record.key
            if facts is not None:
                known = {**_facts(record), **facts}
                record.facts = json.dumps({fact: value for fact, value in known.items() if value is not None})
            session.flush()
            return _stored_model(record)

        return await self._listed.write(owner, self._database.write(work))

    async def remove_model(self, owner: str, model_id: str) -> StoredModel:
        """The model is gone. Gives what it was."""

        def work(session: Session) -> StoredModel:
            record = owned(session, EndpointModelRecord, owner, model_id, lock=True)
            session.delete(record)
            return _stored_model(record)

        return await self._listed.write(owner, self._database.write(work))


def _read(session: Session, owner: str, endpoint_id: str) -> StoredEndpoint:
    record = owned(session, EndpointRecord, owner, endpoint_id)
    wanted = select(EndpointModelRecord).where(EndpointModelRecord.endpoint_id == endpoint_id)
    return _stored(record, list(session.scalars(wanted.order_by(EndpointModelRecord.position))))


def _stored(record: EndpointRecord, models: Sequence[EndpointModelRecord]) -> StoredEndpoint:
    return StoredEndpoint(
        id=record.id,
        name=record.name,
        base_url=record.base_url,
        type=record.type,
        wants_key=record.wants_key,
        models=tuple(_stored_model(model) for model in models),
    )


def _stored_model(record: EndpointModelRecord) -> StoredModel:
    return StoredModel(id=record.id, key=record.key, name=record.name, model=record.model, facts=_facts(record))


def _facts(record: EndpointModelRecord) -> dict[str, JsonValue]:
    return cast(dict[str, JsonValue], json.loads(record.facts))


def _shown(name: str) -> str:
    return " ".join(cleaned(name).split())[:MAX_NAME_CHARS]


def _free_key(model: str, endpoint: str, taken: Collection[str]) -> str:
    """The model's own name where it is free, else with the endpoint's, else with a number."""
    endpoint = endpoint[:60]
    wished = [
        model,
        f"{model} · {endpoint}",
        *(f"{model} · {endpoint} {number}" for number in range(2, MAX_ENDPOINTS + 2)),
    ]
    return next(key for key in wished if key not in taken)
