"""One's agent under test: a model that says what was written down, so that no key and no network is needed.

python -m examples.scripted
"""

from user_agent import RolePlay, tool
from user_agent.models.scripted import ScriptedModel, calls


@tool
def add(left: int, right: int) -> int:
    """Add two numbers."""
    return left + right


model = ScriptedModel([calls(("add", '{"left": 17, "right": 25}')), "That is 42."])
bot = RolePlay(llm=model, function_list=[add], language="en")

if __name__ == "__main__":
    answer = bot.run_sync("What is 17 + 25?")
    assert answer.text == "That is 42."
    assert model.requests[-1].messages[-1].results[0].output == "42"
    model.assert_complete()
    print("The agent called add(17, 25) and answered:", answer.text)
