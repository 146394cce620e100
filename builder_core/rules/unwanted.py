"""What a clause is about that says somebody does not want it: "I don't need the weather", "天气那个不要了"."""

import re

from user_agent.chinese import fold

_UNWANTED = re.compile(
    r"\b(?:i|we|it|you|they)?\s*(?:really |do |did |does )*(?:don't|do not|doesn't|does not|didn't|no longer|never|"
    r"isn't|is not|wasn't)(?: (?:really|even))?(?: (?:want|need|like|use|mean|have))?\b"
    r"|\b(?:drop|remove|delete|scrap|ditch|forget|lose|skip|cancel|no use|no|not|any ?more|any longer|after all|here|"
    r"needed|wanted|too|is|was|are|were|a mistake|wrong|bad|silly|useless|pointless|unnecessary|stupid|boring|mistake|"
    r"regarding|as for|concerning|oh|oops|wait|hmm|sorry|actually|i mean|mean|me|turn|switch|off|well)\b|'s\b"
    r"|不(?:太)?(?:想|需)?(?:要|用)了?|不需要了?|不喜欢|不好|没必要|别要了?|去掉|删掉|取消|算了|那一?[步次]|"
    r"[就也还]?是?错了?|"
    r"还是|(?:[那这]|^\s*)[个条]|用不上了?|用不着了?|没(?:什么|啥)?用了?|多余了?|等等|哎呀?|呃",
    re.IGNORECASE,
)


def topic_of(value: str) -> str:
    """The words of a clause without those that say that it is not wanted; empty where it names nothing."""
    return " ".join(_UNWANTED.sub(" ", fold(value)).split()).strip(" ,，.。:：")
