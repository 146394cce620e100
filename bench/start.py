"""How long the server takes to start, as a ratio to `import gradio`, and what it weighs when idle (Linux).

    python -m bench.start [--runs 5]

Goals: ratio at most 1.3, at most 260 MB.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

from bench.processes import ROOT, child, free_port, resident_mb


def gradio_alone() -> float:
    """Seconds that a process takes to import Gradio and end."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import gradio"], cwd=ROOT, check=True, capture_output=True)
    return time.monotonic() - started


def the_server() -> tuple[float, float]:
    """Seconds until `/healthz` answers, and resident megabytes five seconds later."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        started = time.monotonic()
        environment = {"AGENTFABRIC_HOME": home, "GRADIO_SERVER_PORT": str(port)}
        with child(["app.py"], environment, f"http://127.0.0.1:{port}/healthz") as pid:
            took = time.monotonic() - started
            time.sleep(5)
            return took, resident_mb(pid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    gradio_alone()
    ratios: list[float] = []
    weights: list[float] = []
    for _ in range(runs):
        alone = gradio_alone()
        took, weight = the_server()
        ratios.append(took / alone)
        weights.append(weight)
        print(f"import gradio {alone:.2f} s, server {took:.2f} s, ratio {took / alone:.2f}, idle {weight:.0f} MB")
    print(f"median ratio {statistics.median(ratios):.2f} (goal 1.3), idle {max(weights):.0f} MB (goal 260)")


if __name__ == "__main__":
    main()
