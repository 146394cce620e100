"""ModelScope's inference route for small models: one request, one envelope.

Wire: `POST …/models/<owner>/<model>` answers `{"Code": 200, "Data": {…}, "Message": "…", "Success": true}`. Which of
the models it serves at the moment is the vendor's choice; one that it does not is told as such.
"""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from user_agent.answers import JsonAnswer
from user_agent.errors import ToolError
from user_agent.tools.base import SecretNeed, ToolContext
from user_agent.vendors.refusals import Refusal, no_key, refusal_of, refused
from user_agent.words import Words

KEY = "MODELSCOPE_API_TOKEN"
BASE_URL = "MODELSCOPE_INFERENCE_BASE_URL"
HOST = "https://api-inference.modelscope.cn/api-inference/v1/models"
VENDOR = Words(zh="魔搭", en="ModelScope")
NEED = SecretNeed(
    name=KEY,
    label=Words(zh="魔搭访问令牌", en="ModelScope access token"),
    url="https://modelscope.cn/my/myaccesstoken",
    sent_to=HOST,
    base_url=BASE_URL,
)
"""The token that all of its tools need."""

Answer = TypeVar("Answer", bound=BaseModel)


class _Envelope(BaseModel):
    Code: int | str | None = None
    Data: Mapping[str, JsonValue] | None = None
    Message: str | None = None
    Success: bool | None = None


async def infer(
    tool: str,
    default_model: str,
    body: JsonValue,
    context: ToolContext,
    *,
    shape: type[Answer],
    total_s: float = 30.0,
) -> Answer:
    """What the model makes of `body`, as `shape`. Raises `ToolError` with the vendor's reason in words."""
    language, secret = context.language, context.secrets.get(KEY, "")
    if not secret:
        raise no_key(KEY, language)
    model = context.options.get(tool, {}).get("model") or default_model
    base = (context.base_urls.get(BASE_URL) or HOST).rstrip("/")
    answer = await context.http.send(
        "POST",
        f"{base}/{model}",
        body=body,
        headers={"Authorization": f"Bearer {secret}"},
        vendor=VENDOR[language],
        language=language,
        total_timeout_s=total_s,
    )

    def no(refusal: Refusal, reason: str = "") -> ToolError:
        return refused(refusal, language, vendor=VENDOR, secret=secret, key=KEY, model=model, tool=tool, reason=reason)

    envelope = _read(answer)
    status = _status(answer.status, envelope)
    if status >= 400:
        message = envelope.Message or ""
        raise no(refusal_of("", message, status, "modelscope"), message or f"HTTP {answer.status}")
    if not envelope.Data:
        raise no("empty")
    try:
        return shape.model_validate(envelope.Data)
    except ValidationError as error:
        raise no("empty") from error


def _read(answer: JsonAnswer) -> _Envelope:
    """The answer by its documented fields; an empty one where it has another form."""
    try:
        return _Envelope.model_validate(answer.body)
    except ValidationError:
        return _Envelope()


def _status(status: int, envelope: _Envelope) -> int:
    """What the answer counts as: its `Code` where the request itself was accepted, which is an HTTP status or a longer
    number of the vendor's own."""
    if status >= 400:
        return status
    code = str(envelope.Code or "200")
    if envelope.Success is False or code != "200":
        return int(code) if code in ("400", "401", "403", "404", "429", "500", "503") else 500
    return status
