"""`python -m agentfabric`."""

import sys

from agentfabric.command_line.main import main

if __name__ == "__main__":
    sys.exit(main())
