"""The models of an endpoint are listed from it, however its vendor answers; the key goes to its origin alone."""

from typing import Any

import pytest
from pydantic import SecretStr

from tests.fakes.model_lists import ModelLists, Refusal, openai_list
from tests.fakes.openai_server import refused_base_url
from user_agent.addresses import AddressPolicy
from user_agent.errors import FetchFailed
from user_agent.models.listing import Listing, Offered, find_local, list_models, provider_type
from user_agent.net import Http

KEY = SecretStr("sk-canary-listing")
OLLAMA = {"models": [{"name": "qwen2.5:7b", "model": "qwen2.5:7b", "size": 1}, {"name": "llava"}]}


async def listed(server: ModelLists, path: str = "", key: SecretStr | None = None) -> Listing:
    async with Http(policy=AddressPolicy(own_network=True)) as http:
        return await list_models(http, server.origin + path, key)


@pytest.mark.parametrize(
    "pasted", ["", "/", "/v1", "/v1/", "/v1/models", "/v1/chat/completions", "/v1?key=x", "/v1#top"]
)
async def test_an_address_is_understood_as_people_paste_it(pasted: str) -> None:
    async with ModelLists({"/v1/models": openai_list("a", "b")}) as server:
        listing = await listed(server, pasted)
        assert listing == Listing(f"{server.origin}/v1", "openai", (Offered("a"), Offered("b")))


@pytest.mark.parametrize("pasted", ["/api/openai", "/api/openai/v1"])
async def test_a_path_of_its_own_is_kept_with_and_without_v1(pasted: str) -> None:
    async with ModelLists({"/api/openai/v1/models": openai_list("a")}) as server:
        assert (await listed(server, pasted)).base_url == f"{server.origin}/api/openai/v1"


async def test_an_endpoint_without_v1_in_its_address_is_found_there() -> None:
    async with ModelLists({"/models": openai_list("deepseek-chat")}) as server:
        assert (await listed(server)).base_url == server.origin


@pytest.mark.parametrize(
    ("answer", "models"),
    [
        (openai_list("a", "b"), ["a", "b"]),
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
        ({"models": [{"name": "a"}, {"model": "b"}]}, ["a", "b"]),
        ({"data": ["a", "b", "a", "", 3, None, {"id": "x" * 500}, {"id": "bad\x00"}]}, ["a", "b"]),
        ({"data": []}, []),
        ({"object": "list", "data": None}, []),
    ],
    ids=["openai", "bare list", "names", "odd items", "none", "none in an Ollama"],
)
async def test_lists_of_many_shapes_are_read(answer: Any, models: list[str]) -> None:
    async with ModelLists({"/v1/models": answer}) as server:
        listing = await listed(server)
        assert ([offered.model for offered in listing.models], listing.problem) == (models, "")


@pytest.mark.parametrize("field", ["max_model_len", "context_length", "context_window"])
async def test_how_much_a_model_reads_is_taken_over_where_it_is_told(field: str) -> None:
    async with ModelLists({"/v1/models": openai_list("a", **{field: 32_768})}) as server:
        assert (await listed(server)).models == (Offered("a", 32_768),)


@pytest.mark.parametrize(
    ("owner", "kind"), [("vllm", "vllm"), ("library", "ollama"), ("llamacpp", "llamacpp"), ("x", "openai")]
)
async def test_local_servers_are_known_by_what_they_write(owner: str, kind: str) -> None:
    async with ModelLists({"/v1/models": openai_list("a", owner=owner)}) as server:
        assert (await listed(server)).type == kind


async def test_an_old_ollama_is_read_by_its_own_route() -> None:
    async with ModelLists({"/api/tags": OLLAMA}) as server:
        listing = await listed(server)
        assert (listing.base_url, listing.type) == (f"{server.origin}/v1", "ollama")
        assert [offered.model for offered in listing.models] == ["qwen2.5:7b", "llava"]
        assert len(server.asked) <= 4


@pytest.mark.parametrize(("key", "problem"), [(None, "needs_key"), (SecretStr("sk-wrong"), "wrong_key")])
async def test_a_key_that_is_missing_or_wrong_is_told(key: SecretStr | None, problem: str) -> None:
    async with ModelLists({"/v1/models": openai_list("a")}, needs_key=KEY.get_secret_value()) as server:
        assert (await listed(server, "", key)).problem == problem
        assert (await listed(server, "", KEY)).problem == ""


@pytest.mark.parametrize("key", [None, KEY], ids=["missing", "wrong"])
@pytest.mark.parametrize(
    "said",
    [
        [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}],
        {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***."},
        [{"error": {"code": 400, "message": "Missing or invalid Authorization header."}}],
    ],
    ids=["google", "xai", "google without a key"],
)
async def test_a_wrong_key_is_known_by_the_words_of_those_who_have_no_status_for_it(
    said: Any, key: SecretStr | None
) -> None:
    async with ModelLists({"/v1/models": Refusal(400, said)}) as server:
        assert (await listed(server, "/v1", key)).problem == ("wrong_key" if key else "needs_key")
        assert len(server.asked) == 1


async def test_a_server_that_fails_is_told_as_such() -> None:
    async with ModelLists({"/v1/models": Refusal(503, {"error": "busy"})}) as server:
        with pytest.raises(FetchFailed, match="503"):
            await listed(server)


@pytest.mark.parametrize("answer", ["<html>Sign in</html>", {"hello": "world"}, 404], ids=["page", "json", "404"])
async def test_an_endpoint_without_a_list_is_one_all_the_same(answer: Any) -> None:
    async with ModelLists({"/v1/models": answer, "/models": answer}) as server:
        assert (await listed(server)).problem == "no_list"
        assert len(server.asked) <= 4


async def test_a_redirect_is_not_followed_with_the_key() -> None:
    async with ModelLists({"/v1/models": openai_list("a")}) as other:
        there = f"{other.origin}/v1/models"
        async with ModelLists({path: there for path in ("/v1/models", "/models", "/api/tags")}) as server:
            assert (await listed(server, "", KEY)).problem == "no_list"
        assert other.asked == []


async def test_where_nothing_listens_is_told_as_such() -> None:
    async with Http(policy=AddressPolicy(own_network=True)) as http:
        with pytest.raises(FetchFailed, match="could not be reached"):
            await list_models(http, refused_base_url(), None)


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://deepseek.com.evil.example/v1", "openai"),
    ],
)
def test_the_vendor_is_known_by_its_address(base: str, kind: str) -> None:
    assert provider_type(base) == kind


async def test_local_servers_are_asked_all_at_once_and_the_missing_ones_left_out() -> None:
    async with (
        ModelLists({"/v1/models": openai_list("qwen2.5:7b", owner="library")}) as ollama,
        ModelLists({"/v1/models": openai_list("mine")}) as vllm,
        ModelLists({"/v1/models": "<html>my blog</html>"}) as other,
        ModelLists({"/v1/models": {"object": "list", "data": None}}) as empty,
        Http(policy=AddressPolicy(own_network=True)) as http,
    ):
        nobody = int(refused_base_url().split(":")[2].removesuffix("/v1"))
        ports = {"ollama": ollama.port, "vllm": vllm.port, "llamacpp": other.port, "lmstudio": nobody}
        found = await find_local(http, ports)
        assert await find_local(http, {"ollama": empty.port}) == [Listing(f"{empty.origin}/v1", "ollama", ())]
    assert found == [
        Listing(f"{ollama.origin}/v1", "ollama", (Offered("qwen2.5:7b"),)),
        Listing(f"{vllm.origin}/v1", "vllm", (Offered("mine"),)),
    ]
