"""What is wrong with the values of settings that nobody can see until it is used."""

from agentfabric.settings import Settings
from user_agent.config_files import Problem
from user_agent.models.catalog import Catalog
from user_agent.pages.chromium import browser_problem
from user_agent.words import Words


def browser_problems(settings: Settings) -> tuple[Problem, ...]:
    """Why pages are not drawn though a browser was set, if they are not."""
    problem = browser_problem(settings.browser) if settings.browser else None
    return (Problem("AGENTFABRIC_BROWSER", 0, problem),) if problem else ()


def builder_problems(settings: Settings, catalog: Catalog) -> tuple[Problem, ...]:
    """What is wrong with the builder's model in the settings, if something is."""
    model = settings.builder_model
    if not model or model in catalog.entries:
        return ()
    message = Words(
        zh=f"模型列表里没有“{model}”，所以搭建时用智能体自己的模型。请改正这个变量。",
        en=f"There is no model {model!r} in the model list, so the builder uses the agent's own. Correct the variable.",
    )
    return (Problem("AGENTFABRIC_BUILDER_MODEL", 0, message),)
