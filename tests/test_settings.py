"""Settings come from the environment, once, and bad ones are told in a sentence."""

from pathlib import Path

import pytest

from agentfabric.settings import LOCAL_USER, Settings
from user_agent.errors import ConfigError


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = Settings.load({})
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 7860, "info")
    assert settings.home == Path.home() / ".agentfabric"
    assert settings.database_url == f"sqlite:///{(settings.home / 'agentfabric.db').as_posix()}"
    assert settings.model_config_file.name == "model_config.json"
    assert settings.users == {}


def test_the_database_lies_in_the_home_unless_a_url_says_otherwise(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert Settings.load({"AGENTFABRIC_HOME": home}).database_url.endswith(f"{tmp_path.as_posix()}/agentfabric.db")
    url = "postgresql+psycopg://someone:word@host/name"
    assert Settings.load({"AGENTFABRIC_HOME": home, "DATABASE_URL": url}).database_url == url


def test_every_variable_reaches_its_setting(tmp_path: Path) -> None:
    settings = Settings.load(
        {
            "AGENTFABRIC_HOME": "~/elsewhere",
            "GRADIO_SERVER_NAME": "0.0.0.0",
            "GRADIO_SERVER_PORT": "8123",
            "AGENTFABRIC_SECRET_KEY": "long and random",
            "AGENTFABRIC_BUILDER_MODEL": "qwen-max",
            "MODEL_CONFIG_FILE": str(tmp_path / "models.json"),
            "TOOL_CONFIG_FILE": str(tmp_path / "tools.json"),
            "BUILDER_CONFIG_FILE": str(tmp_path / "agent.json"),
            "AMAP_BASE_URL": "http://127.0.0.1:9/amap/",
            "OPEN_METEO_BASE_URL": "https://meteo.example",
            "AGENTFABRIC_ALLOWED_HOSTS": "Studio.example, other.example,",
            "AGENTFABRIC_TRUSTED_ORIGINS": "http://Files.internal:8080/x, https://wiki.internal",
            "AGENTFABRIC_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
            "AGENTFABRIC_LOCAL_MODEL_PORTS": "ollama:11435, lmstudio:1235",
            "AGENTFABRIC_LOG_LEVEL": "WARNING",
        }
    )
    assert settings.home == Path.home() / "elsewhere"
    assert (settings.host, settings.port) == ("0.0.0.0", 8123)
    assert settings.secret_key is not None and settings.secret_key.get_secret_value() == "long and random"
    assert settings.builder_model == "qwen-max"
    assert settings.local_model_ports == {"ollama": 11435, "lmstudio": 1235}
    assert settings.model_config_file == tmp_path / "models.json"
    assert settings.tool_config_file == tmp_path / "tools.json"
    assert settings.builder_config_file == tmp_path / "agent.json"
    assert settings.base_urls == {
        "AMAP_BASE_URL": "http://127.0.0.1:9/amap",
        "OPEN_METEO_BASE_URL": "https://meteo.example",
    }
    assert settings.allowed_hosts == ("studio.example", "other.example")
    assert settings.trusted_origins == ("http://files.internal:8080", "https://wiki.internal:443")
    assert settings.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8")
    assert settings.log_level == "warning"


def test_an_empty_variable_counts_as_unset() -> None:
    settings = Settings.load({"GRADIO_SERVER_PORT": "", "AGENTFABRIC_TOKEN": " ", "DASHSCOPE_API_KEY": ""})
    assert settings.port == 7860
    assert settings.users == {}
    assert settings.environment_secret("DASHSCOPE_API_KEY") is None


def test_tokens_belong_to_users_by_name() -> None:
    settings = Settings.load({"AGENTFABRIC_TOKEN": "t0", "AGENTFABRIC_TOKENS": "ann:t1, 小明:t2:with-colon"})
    assert settings.users == {LOCAL_USER: "t0", "ann": "t1", "小明": "t2:with-colon"}


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"GRADIO_SERVER_PORT": "soon"}, "GRADIO_SERVER_PORT"),
        ({"GRADIO_SERVER_PORT": "70000"}, "GRADIO_SERVER_PORT"),
        ({"AGENTFABRIC_LOG_LEVEL": "loud"}, "AGENTFABRIC_LOG_LEVEL"),
        ({"AGENTFABRIC_TOKENS": "ann"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_TOKENS": "ann:"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_TOKENS": "ann:t-one,ann:t-two"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_TOKENS": "ann:t-one,bob:t-one"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_TOKENS": "an\x07n:t-one"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_TOKENS": "local:t-one", "AGENTFABRIC_TOKEN": "t-two"}, "AGENTFABRIC_TOKENS"),
        ({"AGENTFABRIC_ALLOWED_HOSTS": "https://studio.example"}, "AGENTFABRIC_ALLOWED_HOSTS"),
        ({"AGENTFABRIC_TRUSTED_ORIGINS": "files.internal"}, "AGENTFABRIC_TRUSTED_ORIGINS"),
        ({"AGENTFABRIC_TRUSTED_PROXIES": "proxy.internal"}, "AGENTFABRIC_TRUSTED_PROXIES"),
        ({"AGENTFABRIC_LOCAL_MODEL_PORTS": "ollama:https"}, "AGENTFABRIC_LOCAL_MODEL_PORTS"),
        ({"AGENTFABRIC_LOCAL_MODEL_PORTS": "redis:6379"}, "AGENTFABRIC_LOCAL_MODEL_PORTS"),
        ({"AGENTFABRIC_SANDBOX": "none"}, "AGENTFABRIC_SANDBOX"),
        ({"AGENTFABRIC_SANDBOX_IMAGE": "--privileged"}, "AGENTFABRIC_SANDBOX_IMAGE"),
        ({"AMAP_BASE_URL": "file:///etc"}, "AMAP_BASE_URL"),
        ({"DASHSCOPE_BASE_URL": "http://anna:canary@proxy.example"}, "DASHSCOPE_BASE_URL"),
        ({"DASHSCOPE_BASE_URL": "http://127.0.0.1:99999"}, "DASHSCOPE_BASE_URL"),
    ],
    ids=lambda value: (
        "" if isinstance(value, str) else next(iter(value.items()))[1].encode("ascii", "replace").decode()
    ),
)
def test_a_bad_value_is_told_with_its_variable_and_the_cure_and_without_a_token(
    environ: dict[str, str], variable: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ)
    assert caught.value.field == variable
    assert caught.value.message.startswith(f"`{variable}` cannot be used: ")
    assert "Set it to " in caught.value.message
    assert "t-one" not in caught.value.message


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = Settings.load(
        {
            "AGENTFABRIC_TOKEN": "canary-1",
            "AGENTFABRIC_TOKENS": "ann:canary-2",
            "AGENTFABRIC_SECRET_KEY": "canary-3",
            "DASHSCOPE_API_KEY": "canary-4",
            "DATABASE_URL": "postgresql+psycopg://me:canary-5@host/name",
        }
    )
    assert "canary" not in f"{settings} {settings!r}"


def test_declared_keys_are_found_in_the_environment_and_the_servers_own_are_not_given_out() -> None:
    settings = Settings.load({"DASHSCOPE_API_KEY": " sk-1 ", "AGENTFABRIC_SECRET_KEY": "own"})
    found = settings.environment_secret("DASHSCOPE_API_KEY")
    assert found is not None and found.get_secret_value() == "sk-1"
    assert settings.environment_secret("AGENTFABRIC_SECRET_KEY") is None
    assert settings.environment_secret("OPENAI_API_KEY") is None


@pytest.mark.parametrize(("given", "told"), [("soon", "it is no whole number"), ("70000", "it should be less than")])
def test_a_wrong_number_is_told_in_plain_words(given: str, told: str) -> None:
    with pytest.raises(ConfigError, match=f"`GRADIO_SERVER_PORT` cannot be used: {told}"):
        Settings.load({"GRADIO_SERVER_PORT": given})


def test_a_dot_env_file_here_is_read_below_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(
        b"\xef\xbb\xbfDASHSCOPE_API_KEY=from-file\nGRADIO_SERVER_PORT=8001\nAGENTFABRIC_LOG_LEVEL='error'\n# no more\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIO_SERVER_PORT", "8002")
    monkeypatch.setenv("DASHSCOPE_API_KEY", "")
    settings = Settings.load()
    found = settings.environment_secret("DASHSCOPE_API_KEY")
    assert found is not None and found.get_secret_value() == "from-file"
    assert (settings.port, settings.log_level) == (8002, "error")


def test_a_dot_env_file_that_is_no_text_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes("KEY=中文".encode("gb18030"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="UTF-8"):
        Settings.load()


def test_address_and_tokens_can_be_set_from_the_command_line() -> None:
    settings = (
        Settings.load({"DASHSCOPE_API_KEY": "sk"}).at(host="0.0.0.0", port=None).with_tokens({"local": "made-up"})
    )
    assert (settings.host, settings.port, settings.users) == ("0.0.0.0", 7860, {"local": "made-up"})
    assert settings.environment_secret("DASHSCOPE_API_KEY") is not None
    with pytest.raises(ConfigError):
        settings.at(port=70_000)
