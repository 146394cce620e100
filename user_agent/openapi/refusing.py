"""An API that does not do what it was asked, as a sentence that a model can act on."""

from user_agent.openapi.sending import Answered
from user_agent.openapi.stored import Operation

MAX_REFUSAL_CHARS = 1_500
_CURES = {
    401: " The key was not accepted: whoever runs this agent has to enter it again under Tools.",
    403: " The key may not do this.",
    404: " Check the ids and names that you gave.",
    429: " It is asked too often: wait, or do without it.",
}


def refusal(operation: Operation, answer: Answered) -> str:
    """What is told of an answer that is no success."""
    cure = _CURES.get(answer.status, " It fails for now." if answer.status >= 500 else "")
    said = f" It said: {answer.text[:MAX_REFUSAL_CHARS]}" if answer.text else ""
    return f"{operation.name} was refused with status {answer.status}.{cure}{said}"
