"""Why embeddings or a reranker were not at work, for a person."""

from user_agent.errors import (
    AddressForbidden,
    AuthFailed,
    BrokenStream,
    ModelError,
    ModelRequestRefused,
    ModelTimeout,
    NoKey,
    NoQuota,
    RateLimited,
    Unavailable,
)
from user_agent.words import Words

_REASONS: dict[type[ModelError], Words] = {
    NoKey: Words("还没有填写它的密钥", "its key has not been entered"),
    AuthFailed: Words("它的密钥被拒绝，请检查密钥", "its key was refused; check the key"),
    AddressForbidden: Words("不允许访问它的地址", "its address may not be asked"),
    NoQuota: Words("密钥所属的账户余额或额度已用完，请充值", "the account behind its key has nothing left; top it up"),
    RateLimited: Words("请求太频繁，请稍后再试", "it had too many requests; try again a little later"),
    ModelRequestRefused: Words(
        "它不接受这个请求，请检查 model_config.json 里的模型名称和地址",
        "it did not accept the request; check the model's name and address in model_config.json",
    ),
    Unavailable: Words(
        "它的服务器连不上或出了故障，请检查是否已启动",
        "its server is out of order or cannot be reached; check that it runs",
    ),
    ModelTimeout: Words("它没有及时回应", "it did not answer in time"),
    BrokenStream: Words(
        "它返回的内容无法使用，请检查它是否是这一类模型",
        "what it sent cannot be used; check that it is a model of this kind",
    ),
}
_OTHER = Words("它出了错", "it failed")
_OTHER_LENGTH = Words(
    "它返回的向量长度与以前不同，请在 model_config.json 里用 dimension 写明长度，或者重新建立索引",
    "its vectors have another length than before; name the length as `dimension` in model_config.json, or index anew",
)
_EMBEDDING = Words(
    "向量模型“{model}”没有起作用：{why}。这次只按词语查找。",
    "The embedding model {model} was not at work: {why}. Words alone were searched.",
)
_NO_VECTORS = Words(
    "数据库里没有 pgvector 扩展，所以只按词语查找。请管理员安装 pgvector，执行 CREATE EXTENSION vector，然后重启。",
    "The database has no pgvector extension, so words alone are searched. Have its administrator install pgvector and "
    "say CREATE EXTENSION vector, then restart.",
)
_KNOWS_LITTLE = Words(
    "向量模型认不出这里的多数内容（{tried} 处认出 {known} 处），只按词语查找。请另选适合这种语言的向量模型。",
    "The embedding model recognises too little of what is here ({known} of {tried} passages tried), so words alone are "
    "searched. Choose an embedding model that is made for their language.",
)
_RERANK = Words(
    "重排模型“{model}”没有起作用：{why}。结果没有重排。",
    "The reranker {model} was not at work: {why}. The order is the one before it.",
)


class NotAtWork(Exception):
    """A model that no endpoint refused, and that is of no use all the same. `why` goes on a sentence."""

    def __init__(self, model: str, why: Words) -> None:
        super().__init__(why.en)
        self.model = model
        self.why = why


class OtherLength(NotAtWork):
    """A model that made vectors of one length before makes those of another now."""

    def __init__(self, model: str) -> None:
        super().__init__(model, _OTHER_LENGTH)


class NoVectors(NotAtWork):
    """No model is at fault: where the index is, no vectors can be kept."""

    def __init__(self) -> None:
        super().__init__("", _NO_VECTORS)


def without_embeddings(error: ModelError | NotAtWork) -> Words:
    if isinstance(error, NoVectors):
        return error.why
    if isinstance(error, NotAtWork):
        return _filled(_EMBEDDING, error.model, error.why)
    return _told(_EMBEDDING, error)


def knows_little(known: int, tried: int) -> Words:
    """Why a model that answers does not help."""
    values = {"known": known, "tried": tried}
    return Words(_KNOWS_LITTLE.zh.format(**values), _KNOWS_LITTLE.en.format(**values))


def without_reranker(error: ModelError) -> Words:
    return _told(_RERANK, error)


def _told(sentence: Words, error: ModelError) -> Words:
    why = next((words for kind, words in _REASONS.items() if isinstance(error, kind)), _OTHER)
    return _filled(sentence, str(error.params.get("model", "")), why)


def _filled(sentence: Words, model: str, why: Words) -> Words:
    return Words(sentence.zh.format(model=model, why=why.zh), sentence.en.format(model=model, why=why.en))
