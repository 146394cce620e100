"""The commands and what each takes."""

import argparse

EPILOG = """\
An AGENT is an id, or a name that only one of your agents has.

exit status:
  0   it was done, and nothing is wrong
  1   something is wrong: what was asked for is not there, was refused or failed;
      `validate` found something missing, `diff` a difference; or an answer waits for a permission
  2   the command line or a setting is wrong, or the home cannot be used
  130 it was broken off (Ctrl-C); 141 whoever read its output left

A server that is running on the home (AGENTFABRIC_HOME, ~/.agentfabric) does the command; without one, it is done here.
More in docs/command-line.md.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m agentfabric",
        description="AgentFabric from the command line.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help_text: str, *, agent: bool = False) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.add_argument("--json", action="store_true", help="print the result as one JSON value")
        added.add_argument("--user", default="", help="whose agents, where AGENTFABRIC_TOKENS names several people")
        added.add_argument("--language", choices=("zh", "en"), default="en", help="of what is said (default: en)")
        if agent:
            added.add_argument("agent", metavar="AGENT", help="its id, or its name")
        return added

    serve = commands.add_parser("serve", help="serve the studio, as `python app.py` does")
    serve.add_argument("--host", help="address to listen on, instead of GRADIO_SERVER_NAME")
    serve.add_argument("--port", type=int, help="port to listen on, instead of GRADIO_SERVER_PORT")
    command("list", "list your agents")
    build = command("build", "tell the builder what an agent should be, in a sentence")
    build.add_argument("text", metavar="SENTENCE", help="what you would tell the builder on the page")
    build.add_argument("--agent", metavar="AGENT", default="", help="change this one instead of making one")
    build.add_argument(
        "--template", default="", help="begin with this template, such as travel: config/templates has them"
    )
    chat = command("chat", "say something to an agent", agent=True)
    chat.add_argument("text", metavar="MESSAGE", help="what to say")
    chat.add_argument("--conversation", default="", help="go on with the one of this id, which an answer names")
    validate = command("validate", "tell what an agent misses before it can go out, or whether a file can be imported")
    validate.add_argument("what", metavar="AGENT|FILE", help="a file where there is one of that name, else an agent")
    export = command("export", "write an agent's configuration, or its bundle", agent=True)
    export.add_argument(
        "--bundle", action="store_true", help="a zip that serves it anywhere: what is live, else the draft"
    )
    export.add_argument(
        "-o", "--output", default="-", help="the file to write (default: standard output; a bundle: its own name)"
    )
    bring = command("import", "import an agent from a file or an address")
    bring.add_argument("source", metavar="FILE|URL", help="what to import")
    bring.add_argument("--agent", metavar="AGENT", default="", help="change this one instead of making one")
    bring.add_argument("--number", type=int, default=1, help="which one, where the file has several agents")
    bring.add_argument("--look", action="store_true", help="only tell what would become of it")
    publish = command("publish", "publish the newest version of an agent as a release", agent=True)
    publish.add_argument("--note", default="", help="what is new in it")
    publish.add_argument("--live", action="store_true", help="make no release: what is live is sent")
    publish.add_argument(
        "--to", metavar="TARGET", default="", help="send it there, too: folder, git, s3, huggingface, modelscope or oss"
    )
    publish.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help="what the target wants to know; several times"
    )
    publish.add_argument(
        "--secret",
        metavar="FIELD=VARIABLE",
        action="append",
        default=[],
        help="a secret of the target, from this variable of the environment; it is kept, encrypted",
    )
    publish.add_argument(
        "--key",
        metavar="VARIABLE",
        action="append",
        default=[],
        help="a key that the agent needs, from the environment, to be set at the target",
    )
    diff = command("diff", "tell what differs between two states of an agent", agent=True)
    diff.add_argument("--from", dest="earlier", default="live", help="draft, live, nothing, version:3, release:2")
    diff.add_argument("--to", dest="later", default="draft", help="likewise (default: draft)")
    command("versions", "list the versions and releases of an agent", agent=True)
    restore = command("restore", "bring a version of an agent back", agent=True)
    restore.add_argument("version", type=int, metavar="VERSION", help="its number, as `versions` lists them")
    return made
