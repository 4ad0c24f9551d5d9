"""The real worker: PNG comes back, each chart is drawn once, and a crash or a hang costs one chart."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.drawing.charts import Json, vega_lite
from bot.drawing.pictures import ChartFailed, Drawing
from bot.drawing.words import words
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

ROOT = Path(__file__).parents[2]


def chart(name: str = "bar", **more: object) -> Json:
    return {"data": {"values": [{"a": 1}]}, "title": name, "mark": "bar", "encoding": {"x": {"field": "a"}}, **more}


@pytest.fixture
async def drawing() -> AsyncIterator[Drawing]:
    made = Drawing(longest=20)
    yield made
    await made.close()


def worker(drawing: Drawing) -> int:
    assert drawing._worker is not None
    return drawing._worker.pid


async def until_drawing(drawing: Drawing) -> int:
    """The worker's id, once it is there and stopped, so that what it is asked for never comes."""
    await drawing.draw(chart("first"))
    pid = worker(drawing)
    os.kill(pid, signal.SIGSTOP)
    return pid


@pytest.mark.parametrize("text", ["gap germany", "rank share", "revisions germany"])
async def test_a_picture_is_1200_wide(facts: Facts, drawing: Drawing, text: str) -> None:
    description = vega_lite(ask(facts, read(text)), words())
    png = await drawing.draw(description)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    assert wide == 1200
    padding = description["padding"]
    assert high == pytest.approx(2 * (description["height"] + padding["top"] + padding["bottom"]), abs=2)
    assert "vl_convert" not in sys.modules, "what draws belongs to the worker alone"


async def test_each_chart_is_drawn_once(drawing: Drawing) -> None:
    drawing.prewarm()
    together = await asyncio.gather(*(drawing.draw(chart()) for _ in range(5)))
    assert len(set(together)) == 1
    assert await drawing.draw(chart()) == together[0]
    assert drawing.drawn == 1
    await drawing.draw(chart("another"))
    assert drawing.drawn == 2


async def test_what_is_kept_is_bounded() -> None:
    drawing = Drawing(longest=20)
    first = await drawing.draw(chart("1"))
    drawing.room = len(first) + len(first) // 2
    await drawing.draw(chart("2"))
    await drawing.draw(chart("2"))
    assert drawing.drawn == 2
    await drawing.draw(chart("1"))
    assert drawing.drawn == 3
    await drawing.close()


async def test_who_stops_waiting_does_not_stop_it_for_others(drawing: Drawing) -> None:
    one, other = (asyncio.create_task(drawing.draw(chart())) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).startswith(b"\x89PNG")


async def test_a_description_that_makes_no_sense_costs_only_itself(drawing: Drawing) -> None:
    with pytest.raises(ChartFailed):
        await drawing.draw({"mark": "no such mark"})
    pid = worker(drawing)
    assert await drawing.draw(chart())
    assert worker(drawing) == pid


async def test_a_killed_worker_comes_back(drawing: Drawing) -> None:
    pid = await until_drawing(drawing)
    asked = asyncio.create_task(drawing.draw(chart("lost")))
    await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChartFailed) as failed:
        await asked
    assert words()(failed.value.sentence).endswith(".")
    assert await drawing.draw(chart("lost"))
    assert worker(drawing) != pid


async def test_a_worker_that_died_while_idle_costs_nothing(drawing: Drawing) -> None:
    await drawing.draw(chart("first"))
    os.kill(worker(drawing), signal.SIGKILL)
    for _ in range(500):
        if drawing._worker is not None and drawing._worker.returncode is not None:
            break
        await asyncio.sleep(0.01)
    assert await drawing.draw(chart("second"))


async def test_a_worker_that_hangs_comes_back(drawing: Drawing) -> None:
    pid = await until_drawing(drawing)
    drawing.longest = 0.2
    with pytest.raises(ChartFailed):
        await drawing.draw(chart("lost"))
    drawing.longest = 20
    assert await drawing.draw(chart("lost"))
    assert worker(drawing) != pid
    assert not alive(pid)


async def test_nothing_is_fetched(drawing: Drawing) -> None:
    asked = 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        for outside in (
            {"data": {"url": f"{address}.json"}},
            {"mark": {"type": "image", "url": f"{address}.png", "width": 9, "height": 9}},
            {"mark": "image", "data": {"values": [{"a": f"{address}.png"}]}, "encoding": {"url": {"field": "a"}}},
        ):
            with pytest.raises(ChartFailed):
                await drawing.draw({**chart(), **outside})
    assert asked == 0


async def test_closing_leaves_no_process() -> None:
    drawing = Drawing(longest=20)
    pid = await until_drawing(drawing)
    asked = asyncio.create_task(drawing.draw(chart("under way")))
    await asyncio.sleep(0.05)
    await drawing.close()
    with pytest.raises(ChartFailed):
        await asked
    assert not alive(pid)
    with pytest.raises(ChartFailed):
        await drawing.draw(chart("late"))


async def test_closing_what_never_began() -> None:
    await Drawing().close()


PARENT = """
import asyncio, sys
from bot.drawing.pictures import Drawing

async def main():
    drawing = Drawing()
    await drawing.draw({"data": {"values": []}, "mark": "bar"})
    print(drawing._worker.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
async def test_the_worker_never_outlives_the_bot() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert parent.stdout is not None
    pid = int(await asyncio.to_thread(parent.stdout.readline))
    assert alive(pid)
    parent.kill()
    parent.communicate()
    for _ in range(500):
        if not alive(pid):
            return
        await asyncio.sleep(0.01)
    pytest.fail("the worker is still there")


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be looked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
