"""`python app.py` serves the studio at http://127.0.0.1:7860."""

import argparse
import gc
import os
import signal
import sys

ENVIRONMENT = """\
environment:
  DASHSCOPE_API_KEY, OPENAI_API_KEY, …   keys of model providers; without any, the built-in guide answers
  AMAP_TOKEN                             key of the AMap weather tool
  AGENTFABRIC_HOME                       where everything is kept (default: ~/.agentfabric)
  DATABASE_URL                           another database (default: an SQLite file in the home)
  GRADIO_SERVER_NAME, GRADIO_SERVER_PORT address and port (default: 127.0.0.1 and 7860)
  AGENTFABRIC_TOKEN                      the token that every door demands; made and printed at start
                                         where the server is bound beyond this machine and none is set
  AGENTFABRIC_TOKENS                     name:token,name:token for several users
  AGENTFABRIC_SECRET_KEY                 what stored keys are encrypted with (default: a key file in the home)
  AGENTFABRIC_ALLOWED_HOSTS              further host names of this server, behind a proxy
  AGENTFABRIC_TRUSTED_PROXIES            proxies in front whose X-Forwarded-For is believed
  AGENTFABRIC_TRUSTED_ORIGINS            servers that tools may ask though they are not on the public internet
  MODEL_CONFIG_FILE                      the model list (default: config/model_config.json)

More in README.md, and in .env.example with every name.
"""


def main() -> int:
    """Read the command line and serve until interrupted. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python app.py",
        description="AgentFabric: describe an agent, see it alive, keep it.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("serve", "rotate-key", "install-sandbox"),
        default="serve",
        help="serve (the default), encrypt the stored keys anew and end all sessions, or make the place where agents' "
        "code runs",
    )
    parser.add_argument("--host", help="address to listen on, instead of GRADIO_SERVER_NAME")
    parser.add_argument("--port", type=int, help="port to listen on, instead of GRADIO_SERVER_PORT")
    arguments = parser.parse_args()
    gc.disable()  # until it serves: what is imported stays, and to look for garbage in it takes a sixth of the start
    from agentfabric.serving import install, rotate, serve
    from agentfabric.settings import Settings
    from user_agent.errors import FabricError

    commands = {"serve": serve, "rotate-key": rotate, "install-sandbox": install}
    try:
        settings = Settings.load().at(host=arguments.host, port=arguments.port)
        commands[arguments.command](settings)
    except FabricError as error:
        prefix = "" if arguments.command == "install-sandbox" else "AgentFabric cannot start. "
        print(f"{prefix}{error.message}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    if os.getpid() == 1:  # of a container: by default its first process hears no SIGTERM, and would be waited for
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before it serves
        sys.exit(130)
