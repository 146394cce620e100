"""What is said where an address could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from user_agent.errors import FetchFailed
from user_agent.words import Language, Words

SLOW = Words(zh="{vendor} 没有及时回应，请稍后再试。", en="{vendor} did not answer in time. Try again later.")
UNREACHABLE = Words(
    zh="连不上 {vendor}，请检查地址和网络，或稍后再试。",
    en="{vendor} could not be reached. Check the address and the network, or try again later.",
)
TOO_LARGE = Words(
    zh="{vendor} 的回应超过了 {limit:,} 字节，没有读取。",
    en="{vendor} sent more than {limit:,} bytes, so the answer was not read.",
)
REDIRECTED = Words(
    zh="{vendor} 把请求转去了别处（状态码 {status}），出于安全没有跟随。请检查它的地址设置。",
    en="{vendor} redirected the request (status {status}), which is not followed. Check the address set for it.",
)
REFUSED = Words(
    zh="{vendor} 没有接受请求（状态码 {status}）。{reason}",
    en="{vendor} refused the request (status {status}).{reason}",
)
NOT_JSON = Words(
    zh="{vendor} 的回应不是 JSON（状态码 {status}），请稍后再试。",
    en="{vendor} answered with something that is not JSON (status {status}). Try again later.",
)
UNEXPECTED = Words(
    zh="{vendor} 的回答和它约定的格式不一样，读不出来。请稍后再试。",
    en="{vendor}'s answer is not in the format it documents. Try again later.",
)
FORBIDDEN = Words(
    zh="不能访问 {vendor}：它不在公共互联网上。如果确实需要，请让管理这台服务器的人把它列为可信地址。",
    en="{vendor} may not be asked, because it is not on the public internet. If it is needed, whoever runs this server "
    "can name it as trusted.",
)
NO_ADDRESS = Words(zh="这个网址不能用：{why}。", en="This address cannot be used: {why}.")
BAD_REDIRECT = Words(
    zh="{vendor} 把请求转去了一个不能用的网址：{why}。",
    en="{vendor} redirected to an address that cannot be used: {why}.",
)
TOO_MANY = Words(zh="{vendor} 转来转去，没有给出回答。", en="{vendor} redirects again and again, and never answers.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a failure is told to, and under which name it speaks of the other side."""

    vendor: str
    language: Language

    def failed(self, words: Words, **values: str | int | Words) -> FetchFailed:
        told = Words(self._filled(words, values, "zh"), self._filled(words, values, "en"))
        status = values.get("status")
        failed = FetchFailed(told[self.language], reason=told[self.language])
        failed.told = told
        if isinstance(status, int):
            failed.params["status"] = status
        return failed

    def _filled(self, words: Words, values: Mapping[str, str | int | Words], language: Language) -> str:
        said = {name: value[language] if isinstance(value, Words) else value for name, value in values.items()}
        return words[language].format(vendor=self.vendor, **said)
