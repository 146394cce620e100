"""What a tool costs an agent: tokens in every turn, what a call costs, a key to get; and whether it works at all."""

from collections.abc import Sequence

from pydantic import JsonValue

from builder_core.recommend import Offer
from user_agent.assembly import tokens_of
from user_agent.words import Language


def costs(chosen: Sequence[Offer], language: Language) -> dict[str, JsonValue]:
    """What has to be known of tools that were switched on, as a model reads it; only what there is to say."""
    told: dict[str, JsonValue] = {}
    if chosen:
        told["tokens_per_turn"] = {offer.tool.name: tokens_of(offer.tool, language) for offer in chosen}
    if paid := {offer.tool.name: offer.tool.cost[language] for offer in chosen if offer.tool.cost[language]}:
        told["a_call_costs"] = dict[str, JsonValue](paid)
    if waiting := {offer.tool.name: keys_of(offer) for offer in chosen if offer.waits_for}:
        told["waiting_for_key"] = waiting
        needs = [need for offer in chosen for need in offer.waits_for if need.url]
        told["keys_are_got_at"] = dict[str, JsonValue]({need.name: need.url for need in needs})
    if dead := {offer.tool.name: offer.unavailable.en for offer in chosen if offer.unavailable}:
        told["does_not_work"] = dict[str, JsonValue](dead)
    return told


def keys_of(offer: Offer) -> JsonValue:
    """The names of the keys that it waits for."""
    return [need.name for need in offer.waits_for]
