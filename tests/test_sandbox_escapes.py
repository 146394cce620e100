"""Ways out of the sandbox, each really tried from inside: A38 of the attacks, and what else a kernel makes possible.

One workshop serves all, so each attack is also followed by a conversation that has to be clean.
"""

import ast
import asyncio
import itertools
import socket
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.sandbox import a_workshop, printed, require_sandbox, worked
from user_agent.sandbox.bench import Bench
from user_agent.sandbox.workshop import Workshop

pytestmark = pytest.mark.asyncio(loop_scope="module")

APP = Path(__file__).parents[1] / "app.py"
CANARY = "sk-canary-0123456789"
NewBench = Callable[[], Bench]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workshop(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Workshop, None]:
    require_sandbox()
    home = tmp_path_factory.mktemp("home")
    (home / "agentfabric.db").write_text(CANARY)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_API_KEY", CANARY)
        async with a_workshop(home / "sandbox", spare=1) as workshop:
            yield workshop


@pytest.fixture
def bench(workshop: Workshop, new_bench: NewBench) -> Bench:
    """A conversation's that never ran anything."""
    return new_bench()


_numbers = itertools.count(1)


@pytest.fixture
def new_bench(workshop: Workshop) -> NewBench:
    return lambda: workshop.bench(f"c{next(_numbers)}")


async def test_there_is_no_network_not_even_to_this_machine(bench: Bench) -> None:
    called: list[object] = []
    server = await asyncio.start_server(lambda reader, writer: called.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    said = await printed(
        bench,
        f"""
import socket
for address in (("1.1.1.1", 53), ("127.0.0.1", {port})):
    try:
        socket.create_connection(address, 2)
        print("connected")
    except OSError as error:
        print(type(error).__name__)
try:
    socket.getaddrinfo("example.com", 80)
    print("found")
except OSError as error:
    print("unknown")
print(sorted(name for _, name in socket.if_nameindex()))
""",
    )
    server.close()
    await server.wait_closed()
    assert said.splitlines() == ["OSError", "ConnectionRefusedError", "unknown", "['lo']"]
    assert called == []


async def test_files_of_the_machine_and_of_the_application_are_not_there(bench: Bench) -> None:
    home = bench.folder.parents[1]
    places = (
        "/etc/shadow",
        "/etc/passwd",
        "/root/.bashrc",
        "/sys",
        "/boot",
        "/var",
        home,
        home / "agentfabric.db",
        APP,
    )
    wanted = [str(place) for place in places]
    said = await printed(
        bench,
        f"""
import os
print([path for path in {wanted!r} if os.path.exists(path)])
print(sorted(os.listdir("/")))
print(os.listdir("."), os.listdir("/tmp"))
""",
    )
    there, top, own = said.splitlines()
    assert there == "[]"
    known = {"bin", "dev", "etc", "inside.py", "lib", "lib32", "lib64", "packages", "proc", "run", "sbin"}
    above_python = {"root", "opt", "home"}  # where that is not in /usr
    assert set(ast.literal_eval(top)) <= {*known, "tmp", "usr", "work", *above_python}
    assert CANARY not in said and "[] [" in own


async def test_the_system_and_the_libraries_are_read_only(bench: Bench) -> None:
    said = await printed(
        bench,
        """
for path in ("/x", "/usr/x", "/packages/x", "/dev/x", "/inside.py", "/etc/ld.so.cache", "/proc/sys/kernel/hostname"):
    try:
        open(path, "a").write("x")
        print("wrote", path)
    except OSError as error:
        pass
""",
    )
    assert said == ""


async def test_keys_and_other_processes_are_not_seen(bench: Bench) -> None:
    said = await printed(
        bench,
        """
import glob, os
print(sorted(os.environ))
for path in sorted(glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline")):
    try:
        print(path, open(path, "rb").read())
    except OSError:
        pass
print(len(glob.glob("/proc/[0-9]*")), os.getppid())
""",
    )
    assert CANARY not in said and "API_KEY" not in said and "pytest" not in said
    processes, parent = map(int, said.splitlines()[-1].split())
    assert (processes, parent) == (2, 1)


async def test_another_conversation_is_out_of_reach(new_bench: NewBench) -> None:
    first, second = new_bench(), new_bench()
    await printed(first, f"open('mine.txt', 'w').write('{CANARY}'); secret = 1")
    said = await printed(
        second,
        f"""
import glob, os
tops = ("work", "tmp", "run", "root", "home", "var", "mnt")
places = [path for top in tops for path in glob.glob(f"/{{top}}/**/mine.txt", recursive=True)]
print(places, os.path.exists({str(first.work.path)!r}), "secret" in globals())
""",
    )
    assert said == "[] False False"


async def test_it_has_no_rights_and_gets_none(bench: Bench) -> None:
    said = await printed(
        bench,
        """
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
told = ("CapEff", "CapBnd", "NoNewPrivs")
print(os.getuid() != 0, [line.split()[1] for line in open("/proc/self/status") if line.startswith(told)])
print(libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.chroot(b"/tmp"), libc.setuid(0))
try:
    resource.setrlimit(resource.RLIMIT_NPROC, (100_000, 100_000))
    print("raised")
except (ValueError, OSError):
    print("refused")
""",
    )
    rights, calls, limits = said.splitlines()
    assert rights == "True ['0000000000000000', '0000000000000000', '1']"
    assert (calls, limits) == ("-1 -1 -1 -1", "refused")


async def test_the_filter_refuses_what_no_analysis_needs(bench: Bench) -> None:
    said = await printed(
        bench,
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(0, 0, 0, 0), libc.memfd_create(b"x", 0), libc.shmget(0, 1000, 0o1600))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("Seccomp:")])
""",
    )
    assert said.splitlines() == ["-1 -1 -1", "['2']"]


async def test_a_fork_bomb_stops_at_its_limit(bench: Bench) -> None:
    said = await printed(
        bench,
        """
import os, time, warnings
warnings.simplefilter("ignore")  # Python 3.12 and later warn of forking beside threads
children = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        children += 1
except OSError as error:
    print(children < 64, error.errno)
""",
    )
    assert said == "True 11"
    assert await printed(bench, "print('here')") in ("here", "")


async def test_a_memory_bomb_is_refused_or_ended(new_bench: NewBench) -> None:
    alone, many = new_bench(), new_bench()
    assert "MemoryError" in await printed(alone, "bytearray(10_000_000_000)")
    assert await printed(alone, "print('here')") == "here"
    ran = (
        await worked(
            many,
            """
import os, time
for _ in range(6):
    if os.fork() == 0:
        data = bytearray(os.urandom(1)) * 200_000_000
        time.sleep(30)
time.sleep(30)
""",
        )
    ).ran
    assert (ran.end, ran.kept) == ("memory", False)
    assert await printed(many, "print('here')") == "here"


@pytest.mark.parametrize(
    "code",
    [
        "import time\nfor n in range(100): open(f'f{n}', 'wb').write(b'x' * 15_000_000)\ntime.sleep(30)",
        "import time\nfor n in range(1000): open(f'f{n}', 'wb').close()\ntime.sleep(30)",
        "import os, time\nheld = []\nfor n in range(100):\n    held.append(open('f', 'wb'))\n    os.unlink('f')\n"
        "    held[-1].write(b'x' * 15_000_000)\n    held[-1].flush()\ntime.sleep(30)",
        "import time\nfor n in range(100): open(f'/run/kernel/f{n}', 'wb').write(b'x' * 15_000_000)\ntime.sleep(30)",
    ],
    ids=["large files", "many files", "deleted files", "beside its sockets"],
)
async def test_a_disk_bomb_is_ended_and_swept_up(bench: Bench, code: str) -> None:
    done = await worked(bench, code)
    assert (done.ran.end, done.changed) == ("disk", ())
    assert list(bench.work.path.iterdir()) == []
    assert await printed(bench, "print('here')") == "here"


async def test_one_file_and_the_memory_disk_have_an_end(bench: Bench) -> None:
    said = await printed(
        bench,
        """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for path in ("big{}", "/tmp/big{}", "/dev/shm/big{}"):
    try:
        for number in range(2 if path == "big{}" else 10):
            with open(path.format(number), "wb") as file:
                file.write(b"x" * (25_000_000 if path == "big{}" else 10_000_000))
        print("wrote", path)
    except OSError as error:
        print(error.errno)
""",
    )
    assert said.splitlines() == ["27", "28", "28"]


async def test_a_loop_without_end_is_stopped_and_keeps_what_it_said_and_knew(bench: Bench) -> None:
    ran = (await worked(bench, "known = 5\nprint('begun', flush=True)\nwhile True: pass")).ran
    assert (ran.end, ran.kept) == ("late", True)
    assert ran.text.startswith("begun")
    assert await printed(bench, "print(known)") == "5"


async def test_a_loop_that_does_not_let_itself_be_stopped_is_ended(bench: Bench) -> None:
    stubborn = (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('begun', flush=True)\nwhile True: pass"
    )
    ran = (await worked(bench, stubborn)).ran
    assert (ran.end, ran.kept, ran.text.strip()) == ("late", False, "begun")
    assert await printed(bench, "print('here')") == "here"


async def test_output_without_end_is_cut(bench: Bench) -> None:
    ran = (await worked(bench, "print('first')\nwhile True: print('x' * 1000)")).ran
    assert ran.end == "flood"
    assert ran.text.startswith("first") and len(ran.text) < 20_000
    assert await printed(bench, "print('here')") == "here"


async def test_signals_reach_nobody_outside(bench: Bench) -> None:
    await worked(bench, "import os, signal\nfor pid in (1, os.getppid(), -1):\n    os.kill(pid, signal.SIGTERM)")
    done = await worked(bench, "import os, signal\nos.kill(-1, signal.SIGKILL)\nprint('here')")
    assert done.ran.end in ("done", "gone")
    assert await printed(bench, "print('here')") == "here"


async def test_a_kernel_that_ends_itself_is_followed_by_a_new_one_with_its_files(bench: Bench) -> None:
    ran = (await worked(bench, "open('kept.txt', 'w').write('kept'); known = 1\nimport os; os._exit(3)")).ran
    assert (ran.end, ran.kept) == ("gone", False)
    done = await worked(bench, "print(open('kept.txt').read(), 'known' in globals())")
    assert (done.ran.text.strip(), done.forgot) == ("kept False", True)


async def test_links_out_of_the_work_folder_are_not_handed_on(bench: Bench) -> None:
    secret = bench.folder.parents[1] / "agentfabric.db"
    done = await worked(
        bench,
        f"""
import os
os.symlink("/etc/shadow", "passwords.txt")
os.symlink({str(secret)!r}, "database.csv")
os.symlink({str(secret.parent)!r}, "home")
os.symlink("../known.json", "beside.json")
os.mkfifo("pipe.csv")
open("real.txt", "w").write("real")
""",
    )
    assert list(done.changed) == ["real.txt"]
    for path in ("passwords.txt", "database.csv", "home/agentfabric.db", "beside.json", "pipe.csv", "../known.json"):
        assert await bench.read(path, 1_000) is None, path
    assert await bench.read("real.txt", 1_000) == b"real"


async def test_a_file_that_becomes_a_link_while_it_is_read_is_never_followed(bench: Bench) -> None:
    secret = bench.folder.parents[1] / "agentfabric.db"
    await printed(
        bench,
        f"""
import os, threading
def flip():
    while True:
        open("a", "w").write("own")
        os.symlink({str(secret)!r}, "b")
        os.replace("b", "a")
        os.unlink("a")
threading.Thread(target=flip, daemon=True).start()
""",
    )
    seen = {await bench.read("a", 1_000) for _ in range(500)}
    assert seen <= {None, b"", b"own"}
    await bench.sleep()


async def test_what_is_brought_is_not_written_through_a_link(bench: Bench) -> None:
    secret = bench.folder.parents[1] / "agentfabric.db"
    await printed(bench, f"import os; os.symlink({str(secret)!r}, 'data.csv')")
    assert await asyncio.to_thread(bench.work.place, "data.csv", b"new") == "data-2.csv"
    assert secret.read_text() == CANARY


async def test_sockets_that_became_links_lead_nowhere(bench: Bench, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as outside:
        place = tmp_path / "s"
        outside.bind(str(place))
        outside.listen()
        outside.setblocking(False)
        await printed(
            bench,
            f"""
import glob, os
open("/run/kernel/kernel.json", "w").write("nonsense")
for path in glob.glob("/run/kernel/s-*"):
    os.unlink(path)
    os.symlink({str(place)!r}, path)
""",
        )
        assert await printed(bench, "print('here')") == "here"
        await bench.sleep()
        assert await printed(bench, "print('awake')") == "awake"
        with pytest.raises(BlockingIOError):
            outside.accept()


async def test_messages_that_no_kernel_sends_end_it_and_nothing_else(bench: Bench) -> None:
    forged = """
kernel = get_ipython().kernel
for _ in range(50):
    kernel.session.send(kernel.iopub_socket, "stream", {"name": 5, "text": ["no text"]})
    kernel.session.send(kernel.iopub_socket, "display_data", {"data": {"image/png": "no picture"}})
    kernel.iopub_socket.send_multipart([b"nonsense"])
import time; time.sleep(1)
"""
    assert (await worked(bench, forged)).ran.pictures == ()
    assert await printed(bench, "print('here')") == "here"


async def test_a_huge_figure_costs_the_code_and_not_the_server(bench: Bench) -> None:
    huge = "import matplotlib.pyplot as plt\nplt.figure(figsize=(600, 600), dpi=100)\nplt.plot([1, 2])\nplt.show()"
    ran = (await worked(bench, huge)).ran
    assert ran.pictures == () or ran.end != "done"
    assert await printed(bench, "print('here')") == "here"
