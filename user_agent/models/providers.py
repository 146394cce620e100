"""The providers that an entry's `type` names, as data: their address, their key, and what their models usually can."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Provider:
    """What an entry of this type need not say itself."""

    name: Words
    """What people know it by."""
    api_base: str = ""
    api_key_env: str = ""
    key_url: str = ""
    """Where a person gets a key."""
    hosts: tuple[str, ...] = ()
    """The domains that the key is for, with whatever is below them: it is never taken from `api_key_env` for any other
    address. No domain under which a vendor's customers put servers of their own."""
    key_header: str = ""
    """The header that carries the key as it is, where that is not `Authorization: Bearer`."""
    function_calling: bool = True

    def may_have_key(self, host: str) -> bool:
        return any(host == domain or host.endswith(f".{domain}") for domain in self.hosts)


LOCAL_FOLDER = "folder"
"""The type of an embedding model in a folder of this machine: nobody is asked."""

_AZURE = Provider(
    name=Words("Azure OpenAI", "Azure OpenAI"),
    api_key_env="AZURE_OPENAI_API_KEY",
    key_url="https://ai.azure.com",
    hosts=("openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com", "openai.azure.us"),
    # The older routes take `Authorization` for a token of Entra ID; the newer one takes either.
    key_header="api-key",
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "dashscope": Provider(
            name=Words("阿里云百炼（DashScope）", "Alibaba Cloud (DashScope)"),
            api_base="https://dashscope.aliyuncs.com/compatible-mode/v1",
            api_key_env="DASHSCOPE_API_KEY",
            key_url="https://bailian.console.aliyun.com/?tab=model#/api-key",
            hosts=(
                "dashscope.aliyuncs.com",
                "dashscope-intl.aliyuncs.com",
                "dashscope-us.aliyuncs.com",
                "maas.aliyuncs.com",
            ),
        ),
        "openai": Provider(
            name=Words("OpenAI", "OpenAI"),
            api_base="https://api.openai.com/v1",
            api_key_env="OPENAI_API_KEY",
            key_url="https://platform.openai.com/api-keys",
            hosts=("openai.com",),
        ),
        "azure_openai": _AZURE,
        "azure": _AZURE,
        "zhipu": Provider(
            name=Words("智谱", "Zhipu AI"),
            api_base="https://open.bigmodel.cn/api/paas/v4",
            api_key_env="ZHIPU_API_KEY",
            key_url="https://open.bigmodel.cn/usercenter/apikeys",
            hosts=("bigmodel.cn", "z.ai"),
        ),
        "modelscope": Provider(
            name=Words("魔搭（ModelScope）", "ModelScope"),
            api_base="https://api-inference.modelscope.cn/v1",
            api_key_env="MODELSCOPE_API_TOKEN",
            key_url="https://modelscope.cn/my/myaccesstoken",
            hosts=("modelscope.cn",),
        ),
        "deepseek": Provider(
            name=Words("DeepSeek", "DeepSeek"),
            api_base="https://api.deepseek.com",
            api_key_env="DEEPSEEK_API_KEY",
            key_url="https://platform.deepseek.com/api_keys",
            hosts=("deepseek.com",),
        ),
        # vLLM refuses tools unless it was started with a parser for them, so an entry has to say that it was.
        "vllm": Provider(Words("vLLM", "vLLM"), api_base="http://localhost:8000/v1", function_calling=False),
        "vllm-server": Provider(Words("vLLM", "vLLM"), api_base="http://localhost:8000/v1", function_calling=False),
        "llamacpp": Provider(Words("llama.cpp", "llama.cpp"), api_base="http://localhost:8080/v1"),
        "ollama": Provider(Words("Ollama", "Ollama"), api_base="http://localhost:11434/v1"),
        LOCAL_FOLDER: Provider(Words("本机文件夹", "A folder of this machine"), api_base="http://localhost/"),
        "lmstudio": Provider(Words("LM Studio", "LM Studio"), api_base="http://localhost:1234/v1"),
    }
)
"""`vllm-server` is what older files call `vllm`, and `azure` what people write for `azure_openai`.
Ports are the servers' own defaults."""
