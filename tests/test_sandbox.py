"""The workshop: kernels that start, keep, sleep, wake and end, and what is there to work with."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.sandbox import ENVIRONMENT, QUICK, a_workshop, cheap_environment, printed, require_sandbox, until, worked
from tests.terminal import command
from user_agent.errors import ToolError
from user_agent.sandbox.folder import WorkFolder
from user_agent.sandbox.line import Line
from user_agent.sandbox.watch import children_of
from user_agent.sandbox.workshop import Workshop

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONVERSATIONS = 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workshop(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Workshop, None]:
    require_sandbox()
    async with a_workshop(tmp_path_factory.mktemp("sandbox")) as workshop:
        yield workshop


async def test_code_runs_keeps_its_variables_and_says_what_failed(workshop: Workshop) -> None:
    bench = workshop.bench("keeps")
    assert await printed(bench, "import math\nx = 41\nprint('one')\nx + 1") == "one\n42"
    failed = await printed(bench, "print(x)\nx / 0")
    assert failed.startswith("41\n") and failed.endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in failed


async def test_the_libraries_are_there(workshop: Workshop) -> None:
    code = """
import io, numpy, openpyxl, pandas, PIL.Image
table = pandas.DataFrame({"n": [1, 2, 3]})
table.to_excel("t.xlsx")
print(pandas.read_excel("t.xlsx")["n"].sum(), numpy.arange(4).sum(), PIL.Image.new("RGB", (2, 2)).size)
"""
    assert await printed(workshop.bench("libraries"), code) == "6 6 (2, 2)"


@pytest.mark.parametrize("font", ["", "SimHei", "Microsoft YaHei", "Arial Unicode MS"])
async def test_chinese_in_a_figure_is_letters_whatever_font_is_named(workshop: Workshop, font: str) -> None:
    named = f"plt.rcParams['font.sans-serif'] = [{font!r}]\nplt.rcParams['font.family'] = 'sans-serif'" if font else ""
    code = f"""
import logging, sys, warnings
warnings.simplefilter("error")
logging.getLogger("matplotlib.font_manager").addHandler(logging.StreamHandler(sys.stdout))
import matplotlib.pyplot as plt
{named}
plt.plot([-1, 2])
plt.title("每月销售额（万元）— 繁體 直骨")
plt.show()
"""
    ran = (await worked(workshop.bench("fonts"), code)).ran
    assert (ran.text.strip(), len(ran.pictures)) == ("", 1)
    assert ran.pictures[0].startswith(b"\x89PNG")


async def test_a_kernel_that_slept_wakes_with_its_files_and_without_its_variables(workshop: Workshop) -> None:
    bench = workshop.bench("sleeps")
    assert not (await worked(bench, "open('a.txt', 'w').write('kept'); x = 1")).forgot
    await workshop.sleep("sleeps")
    assert not bench.awake
    done = await worked(bench, "print(open('a.txt').read(), 'x' in globals())")
    assert (done.ran.text.strip(), done.forgot) == ("kept False", True)


async def test_stopping_a_run_ends_its_kernel(workshop: Workshop) -> None:
    bench = workshop.bench("stopped")
    await printed(bench, "x = 1")
    running = asyncio.create_task(worked(bench, "open('begun', 'w').close()\nwhile True: pass"))
    await until(lambda: "begun" in bench.work.files())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not bench.awake
    assert await printed(bench, "print('here')") == "here"


async def test_an_idle_kernel_goes_to_sleep_by_itself(tmp_path: Path) -> None:
    require_sandbox()
    async with a_workshop(tmp_path / "s", idle_s=0.2) as workshop:
        bench = workshop.bench("idle")
        await printed(bench, "1")
        await until(lambda: not bench.awake)
        assert workshop.awake == 0


async def test_a_spare_kernel_takes_a_conversation_with_its_files(tmp_path: Path) -> None:
    require_sandbox()
    async with a_workshop(tmp_path / "s", spare=1) as workshop:
        first = workshop.bench("first")
        await printed(first, "open('a.txt', 'w').write('kept')")
        await workshop.sleep("first")
        await asyncio.gather(workshop.fill(), workshop.fill())
        assert workshop.awake == 1
        assert await printed(first, "print(open('a.txt').read())") == "kept"
        assert [path.name for path in first.work.path.iterdir()] == ["a.txt"]


async def test_no_more_kernels_are_awake_than_may_be(tmp_path: Path) -> None:
    require_sandbox()
    async with a_workshop(tmp_path / "s", most=1, patience_s=0.05) as workshop:
        assert await printed(workshop.bench("one"), "print(1)") == "1"
        assert await printed(workshop.bench("two"), "print(2)") == "2"
        assert workshop.awake == 1
        async with workshop.bench("two").alone():
            with pytest.raises(ToolError, match="Try again in a minute"):
                await printed(workshop.bench("three"), "print(3)")


async def test_whoever_has_code_run_in_many_conversations_waits_with_them_and_nobody_behind_them_all() -> None:
    line, begun = Line(places=2), list[str]()
    over = {name: asyncio.Event() for name in ("ann 1", "ann 2", "ann 3", "bob 1", "cy 1")}

    async def use(name: str) -> None:
        async with line.place(name.split()[0]):
            begun.append(name)
            await over[name].wait()

    async def seen() -> list[str]:
        for _ in range(10):  # everything that can go on has done so
            await asyncio.sleep(0)
        return begun

    using = [asyncio.create_task(use(name)) for name in over]
    assert await seen() == ["ann 1", "bob 1"]
    over["ann 1"].set()
    assert await seen() == ["ann 1", "bob 1", "cy 1"], "ann's next stands behind cy"
    over["cy 1"].set()
    assert await seen() == ["ann 1", "bob 1", "cy 1", "ann 2"]
    using[2].cancel()  # who is stopped while waiting leaves no gap
    for event in over.values():
        event.set()
    await asyncio.wait(using)
    assert begun == ["ann 1", "bob 1", "cy 1", "ann 2"]
    async with asyncio.timeout(1), line.place("ann"):
        pass


async def test_a_forgotten_conversation_leaves_nothing(workshop: Workshop) -> None:
    bench = workshop.bench("gone")
    await printed(bench, "import os; os.makedirs('deep/er'); open('deep/er/a', 'w').close(); os.chmod('deep', 0)")
    await workshop.forget(["gone"])
    assert not bench.folder.exists()


async def test_a_conversation_that_two_forget_at_once_is_forgotten(workshop: Workshop) -> None:
    await printed(workshop.bench("of-two"), "print(1)")
    await asyncio.gather(workshop.forget(["of-two"]), workshop.forget(["of-two"]))
    assert "of-two" not in workshop.conversations
    assert await printed(workshop.bench("of-two"), "print(2)") == "2"


async def test_two_hundred_conversations_leave_no_process(tmp_path: Path) -> None:
    """With a kernel that starts in a tenth of the time: walls, limits, sockets and the pool are the real ones."""
    require_sandbox()
    environment = await asyncio.to_thread(cheap_environment, tmp_path)
    before = set(await asyncio.to_thread(children_of, os.getpid()))
    async with Workshop(tmp_path / "s", environment, QUICK, spare=1, most=4) as workshop:
        assert await workshop.problem() is None
        for number in range(CONVERSATIONS):
            assert await printed(workshop.bench(f"c{number}"), f"print({number})") == f"{number}"
            assert workshop.awake <= 4
        # One for each kernel: bubblewrap's own, under which the others end.
        assert len(set(await asyncio.to_thread(children_of, os.getpid())) - before) <= 4
    assert set(await asyncio.to_thread(children_of, os.getpid())) <= before


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("data.csv", ["data.csv", "data-2.csv"]),
        ("../../etc/passwd", ["_.._etc_passwd", "_.._etc_passwd-2"]),
        ("a\nb\x00<img src=x onerror=alert(1)>.txt", ["ab<img src=x onerror=alert(1)>.txt"]),
        (".bashrc", ["bashrc"]),
        ("", ["file"]),
        ("长" * 300 + ".xlsx", ["长" * 65 + ".xlsx"]),
    ],
)
async def test_a_name_becomes_one_that_a_file_may_bear(tmp_path: Path, wanted: str, names: list[str]) -> None:
    folder = WorkFolder(tmp_path / "w")
    await asyncio.to_thread(folder.make)
    assert [await asyncio.to_thread(folder.place, wanted, b"x") for _ in names] == names


async def test_where_there_is_no_environment_the_reason_names_the_command(tmp_path: Path) -> None:
    async with Workshop(tmp_path / "s", tmp_path / "nothing") as workshop:
        problem = await workshop.problem()
    assert problem is not None
    assert "python app.py install-sandbox" in problem.en or "bubblewrap" in problem.en or "Linux" in problem.en


async def test_where_bubblewrap_does_not_work_code_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_sandbox()
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    async with Workshop(tmp_path / "s", ENVIRONMENT) as workshop:
        problem = await workshop.problem()
        assert problem is not None and "No permissions to create new namespace" in problem.zh
        with pytest.raises(ToolError, match="does not start"):
            await printed(workshop.bench("c"), "open('ran', 'w')")
        assert not (workshop.bench("c").work.path / "ran").exists()


async def test_the_command_says_what_stands_in_the_way(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    status, _, said = await command(
        "install-sandbox",
        AGENTFABRIC_HOME=str(tmp_path / "home"),
        AGENTFABRIC_SANDBOX_ENVIRONMENT=str(place / "environment"),
    )
    assert status == 2
    assert "Traceback" not in said and "AGENTFABRIC_SANDBOX_ENVIRONMENT" in said
