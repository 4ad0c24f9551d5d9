"""The real worker: PNG comes back, each chart is drawn once, people take turns, and a fault costs one chart."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.drawing import pictures as drawing
from bot.drawing.charts import Json, vega_lite
from bot.drawing.disk import SIGNATURE, Disk, whole
from bot.drawing.pictures import NAMES, ChartBusy, ChartFailed, Pictures
from bot.drawing.turns import EACH, Turns
from bot.drawing.words import words
from knowledge.asking.question import read
from knowledge.facts import Facts
from knowledge.questions import ask

ROOT = Path(__file__).parents[2]


def chart(name: str = "bar", **more: object) -> Json:
    return {"data": {"values": [{"a": 1}]}, "title": name, "mark": "bar", "encoding": {"x": {"field": "a"}}, **more}


@pytest.fixture
async def pictures() -> AsyncIterator[Pictures]:
    made = Pictures(longest=20)
    yield made
    await made.close()


def worker(pictures: Pictures) -> int:
    assert pictures._worker is not None
    return pictures._worker.pid


async def until_drawing(pictures: Pictures) -> int:
    """The worker's id, once it is there and stopped, so that what it is asked for never comes."""
    await pictures.draw(chart("first"))
    pid = worker(pictures)
    os.kill(pid, signal.SIGSTOP)
    return pid


@pytest.mark.parametrize("text", ["gap germany", "rank share", "revisions germany"])
async def test_a_picture_is_1200_wide(facts: Facts, pictures: Pictures, text: str) -> None:
    description = vega_lite(ask(facts, read(text)), words())
    png = await pictures.draw(description)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    assert wide == 1200
    padding = description["padding"]
    assert high == pytest.approx(2 * (description["height"] + padding["top"] + padding["bottom"]), abs=2)
    assert "vl_convert" not in sys.modules, "what draws belongs to the worker alone"


async def test_each_chart_is_drawn_once(pictures: Pictures) -> None:
    pictures.prewarm()
    together = await asyncio.gather(*(pictures.draw(chart()) for _ in range(5)))
    assert len(set(together)) == 1
    assert await pictures.draw(chart()) == together[0]
    assert pictures.drawn == 1
    await pictures.draw(chart("another"))
    assert pictures.drawn == 2


async def test_who_stops_waiting_does_not_stop_it_for_others(pictures: Pictures) -> None:
    one, other = (asyncio.create_task(pictures.draw(chart())) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).startswith(b"\x89PNG")


async def test_a_chart_that_fails_when_nobody_waits_leaves_no_trace(
    pictures: Pictures, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asyncio.create_task(pictures.draw({"mark": "no such mark"}))
    await asyncio.sleep(0)
    asked.cancel()
    await written(pictures)
    del asked
    gc.collect()
    assert [record.name for record in caplog.records] == ["ledger.charts"]


async def test_a_description_that_makes_no_sense_costs_only_itself(pictures: Pictures) -> None:
    with pytest.raises(ChartFailed):
        await pictures.draw({"mark": "no such mark"})
    pid = worker(pictures)
    assert await pictures.draw(chart())
    assert worker(pictures) == pid


async def test_a_killed_worker_comes_back(pictures: Pictures) -> None:
    pid = await until_drawing(pictures)
    asked = asyncio.create_task(pictures.draw(chart("lost")))
    await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChartFailed) as failed:
        await asked
    assert words()(failed.value.sentence).endswith(".")
    assert await pictures.draw(chart("lost"))
    assert worker(pictures) != pid


async def test_ctrl_c_does_not_reach_the_worker_even_while_it_starts(pictures: Pictures) -> None:
    pictures.prewarm()
    while pictures._worker is None:  # noqa: ASYNC110  (nobody tells when it is there)
        await asyncio.sleep(0.001)
    assert os.getpgid(worker(pictures)) != os.getpgid(0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_what_tells_all_processes_to_end_leaves_the_worker_to_the_bot(
    pictures: Pictures, how: signal.Signals
) -> None:
    pid = await until_drawing(pictures)
    asked = asyncio.create_task(pictures.draw(chart("under way")))
    await asyncio.sleep(0.05)
    os.kill(pid, how)
    os.kill(pid, signal.SIGCONT)
    assert (await asked).startswith(b"\x89PNG")
    assert worker(pictures) == pid


async def test_a_worker_that_died_while_idle_costs_nothing(pictures: Pictures) -> None:
    await pictures.draw(chart("first"))
    os.kill(worker(pictures), signal.SIGKILL)
    for _ in range(500):
        if pictures._worker is not None and pictures._worker.returncode is not None:
            break
        await asyncio.sleep(0.01)
    assert await pictures.draw(chart("second"))


async def test_a_worker_that_hangs_comes_back(pictures: Pictures) -> None:
    pid = await until_drawing(pictures)
    pictures.longest = 0.2
    with pytest.raises(ChartFailed):
        await pictures.draw(chart("lost"))
    pictures.longest = 20
    assert await pictures.draw(chart("lost"))
    assert worker(pictures) != pid
    assert not alive(pid)


async def test_a_worker_that_cannot_start_is_told_and_tried_again(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        pictures.prewarm()
        assert pictures._warming is not None
        await asyncio.wait({pictures._warming})
        assert pictures._warming.exception() is None
        with pytest.raises(ChartFailed):
            await pictures.draw(chart())
    assert [record.getMessage() for record in caplog.records] == [
        "the chart worker did not start (FileNotFoundError)"
    ] * 2
    assert await pictures.draw(chart())


# -- who waits -----------------------------------------------------------------------------------------

TURNS = (  # what is asked (person, chart; "." takes one away), in which order it is drawn, and what finds no place
    ("one after the other", "Aa Bb Cc", "abc", ""),
    ("by turns", "Aa Ad Ae Bb Cc", "abcde", ""),
    ("who was served comes behind who asked later", "Aa Ad . Bb Cc", "abcd", ""),
    ("asked again, behind the others", "Aa . Bb Ac Bd", "abcd", ""),
    ("what two ask for comes with the first of them", "Aa Ab Ac Bc Bd", "acbd", ""),
    ("nobody waits twice for one chart", "Aa Aa Ba", "a", ""),
    ("nor takes two places", "Aa Aa Aa Ab Ac", "abc", ""),
    ("no more than three of one", "Aa Ab Ac Ad Be", "aebc", "d"),
    ("three besides the one under way", "Aa . Ab Ac Ad Ae", "abcd", "e"),
    ("no more than six in all", "Aa Ab Bc Bd Ce Cf Dg Aa Da", "acebdf", "g"),
    ("who may not ask for more may wait with others", "Aa Ab Ac Bd Ad", "adbc", ""),
)


@pytest.mark.parametrize(("asked", "order", "refused"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_people_take_turns(asked: str, order: str, refused: str) -> None:
    turns, drawn, busy = Turns(6), [], []
    for word in asked.split():
        if word == ".":
            drawn.append(turns.take())
        elif not turns.add(word[1], word[0]):
            busy.append(word[1])
    while (chart := turns.take()) is not None:
        drawn.append(chart)
    assert ("".join(map(str, drawn)), "".join(busy)) == (order, refused)
    assert not any(chart in turns for chart in "abcdefg")


class Crowd:
    """People who ask while the worker stands still; `came` says whose charts came, in order."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.came: list[str] = []
        self.asking: list[asyncio.Task[bytes]] = []

    async def asks(self, *names: str) -> None:
        """Each name is a person and a chart: "Aa"; it returns once all wait or were refused."""
        for name in names:
            task = asyncio.create_task(self.pictures.draw(chart(name[1:]), who=name[0]))
            task.add_done_callback(lambda done, name=name: None if done.exception() else self.came.append(name))  # type: ignore[misc]
            self.asking.append(task)
        await asyncio.sleep(0.05)

    async def goes_on(self) -> list[bytes | BaseException]:
        os.kill(worker(self.pictures), signal.SIGCONT)
        return await asyncio.gather(*self.asking, return_exceptions=True)


async def test_everyone_gets_a_chart_before_anyone_gets_two(pictures: Pictures) -> None:
    await until_drawing(pictures)
    crowd = Crowd(pictures)
    await crowd.asks("Aa", "Ab", "Ac", "Ad", "Be", "Cf", "Bg")
    await crowd.goes_on()
    assert crowd.came == ["Aa", "Be", "Cf", "Ab", "Bg", "Ac", "Ad"]


async def test_what_waits_for_two_comes_by_the_turn_of_either(pictures: Pictures) -> None:
    await until_drawing(pictures)
    crowd = Crowd(pictures)
    await crowd.asks("Aa", "Ab", "Ac", "Bd", "Cc")
    await crowd.goes_on()
    assert crowd.came == ["Aa", "Bd", "Ac", "Cc", "Ab"]
    assert pictures.drawn == 1 + 4


async def test_who_asks_for_more_than_can_wait_is_told_at_once() -> None:
    pictures = Pictures(longest=20, waiting=5)
    await until_drawing(pictures)
    crowd = Crowd(pictures)
    await crowd.asks("A0", *(f"A{n + 1}" for n in range(EACH + 1)), "B5", "B6", "C7", "B5", "C8")
    busy = {n for n, task in enumerate(crowd.asking) if task.done() and isinstance(task.exception(), ChartBusy)}
    assert busy == {EACH + 1, EACH + 4, EACH + 6}, "the fourth that A lets wait, and the sixth and seventh of all"
    assert words()(ChartBusy.sentence) != words()(ChartFailed.sentence)
    answers = await crowd.goes_on()
    assert {n for n, png in enumerate(answers) if isinstance(png, bytes)} == set(range(len(answers))) - busy
    assert pictures.drawn == 1 + 1 + 5
    assert await pictures.draw(chart("A9"), who="A"), "there is room again"
    await pictures.close()


async def test_a_killed_worker_costs_those_who_wait_nothing(pictures: Pictures) -> None:
    pid = await until_drawing(pictures)
    crowd = Crowd(pictures)
    await crowd.asks("A1", "B2", "C3")
    os.kill(pid, signal.SIGKILL)
    lost, *others = await asyncio.gather(*crowd.asking, return_exceptions=True)
    assert isinstance(lost, ChartFailed)
    assert all(isinstance(png, bytes) for png in others)


# -- kept in memory --------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: int = 100, fill: bytes = b"x") -> bytes:
    return SIGNATURE + chunk(b"IDAT", fill * (size - 32)) + chunk(b"IEND", b"")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of a hundred bytes without a worker, where it is about keeping them."""

    async def by_worker(pictures: Pictures, text: bytes) -> bytes:
        pictures.drawn += 1
        return png(fill=text[-2:-1])

    monkeypatch.setattr(Pictures, "_by_worker", by_worker)


async def written(pictures: Pictures) -> None:
    """Until what was drawn is on disk: nobody waits for that but tests."""
    while task := pictures._drawing:
        await asyncio.wait({task})


@pytest.mark.usefixtures("at_once")
async def test_memory_is_bounded_and_names_go_with_their_picture() -> None:
    pictures = Pictures(room=350)
    first = await pictures.draw(chart("1"), name="one")
    assert await pictures.draw(chart("1"), name="also one") == first
    await pictures.draw(chart("2"))
    assert pictures.kept("one") == pictures.kept("also one") == first
    assert pictures.kept("") is pictures.kept("2") is None
    for name in "34":
        await pictures.draw(chart(name), name=name)
    assert pictures.drawn == 4
    await pictures.draw(chart("1"))
    assert pictures.drawn == 4, "kept() is a use: 2 went first"
    for name in "56":
        await pictures.draw(chart(name), name=name)
    assert (pictures._memory.currsize, set(pictures._memory.names)) == (300, {"one", "also one", "5", "6"})
    await pictures.draw(chart("7"))
    assert pictures.kept("one") is pictures.kept("also one") is None
    await pictures.draw(chart("1"))
    assert pictures.drawn == 8
    await pictures.close()


@pytest.mark.usefixtures("at_once")
async def test_names_are_bounded() -> None:
    pictures = Pictures()
    for n in range(NAMES + 9):
        await pictures.draw(chart(), name=str(n))
    assert (pictures.kept("0"), pictures.kept(str(NAMES)), len(pictures._memory.names)) == (
        None, await pictures.draw(chart()), NAMES,
    )  # fmt: skip
    await pictures.close()


@pytest.mark.usefixtures("at_once")
async def test_a_picture_larger_than_memory_is_drawn_all_the_same() -> None:
    pictures = Pictures(room=10)
    assert whole(await pictures.draw(chart("1"), name="one"))
    assert pictures.kept("one") is None
    assert not pictures._memory.names
    await pictures.close()


# -- kept on disk ----------------------------------------------------------------------------------------


def key(name: str) -> str:
    return name.encode().hex().rjust(64, "0")


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def disk(folder: Path, room: int = 350, version: str = "1" * 16) -> Disk:
    return Disk(folder, room, lambda: version)


async def test_a_restart_draws_nothing_twice(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    pictures = Pictures(folder, longest=20)
    first = [await pictures.draw(chart(str(n))) for n in range(3)]
    await pictures.close()
    assert pictures.drawn == 3
    pictures = Pictures(folder)
    together = await asyncio.gather(*(pictures.draw(chart(str(n % 3)), name=str(n)) for n in range(9)))
    assert together == first * 3
    assert pictures.kept("8") == first[2]
    assert (pictures.drawn, pictures._worker) == (0, None)
    await pictures.close()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda png: b"",
    "cut off": lambda png: png[:-20],
    "without its end": lambda png: png[:-12],
    "with an end and a hole": lambda png: png[:60] + bytes(20) + png[80:],
    "longer": lambda png: png + b"x",
    "another file": lambda png: b"GIF89a".ljust(len(png), b"x"),
    "zeros": lambda png: bytes(len(png)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_picture_is_dropped(tmp_path: Path, damage: str) -> None:
    for again in (False, True):  # damaged while the bot runs, and before it starts
        kept = disk(tmp_path)
        kept.put(key("a"), png())
        assert kept.get(key("a")) == png()
        [file] = tmp_path.iterdir()
        file.write_bytes(DAMAGE[damage](png()))
        kept = disk(tmp_path) if again else kept
        assert kept.get(key("a")) is None
        assert not file.exists()
        kept.put(key("a"), png())
        assert kept.get(key("a")) == png()


@pytest.mark.usefixtures("at_once")
async def test_a_damaged_picture_is_drawn_again(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path)
    good = await pictures.draw(chart())
    await pictures.close()
    [file] = files(tmp_path)
    file.write_bytes(good[:-20])
    pictures = Pictures(tmp_path)
    assert await pictures.draw(chart()) == good
    assert pictures.drawn == 1
    await pictures.close()
    assert file.read_bytes() == good


def test_a_picture_whose_file_is_gone_is_dropped(tmp_path: Path) -> None:
    kept = disk(tmp_path / "pictures")
    kept.put(key("a"), png())
    kept._file(key("a")).unlink()
    (tmp_path / "pictures").rmdir()
    assert kept.get(key("a")) is None
    kept.put(key("b"), png())
    assert kept.get(key("b")) == png()


def test_the_oldest_use_goes_first_also_after_a_restart(tmp_path: Path) -> None:
    kept = disk(tmp_path)
    for name in "abc":
        kept.put(key(name), png())
        os.utime(kept._file(key(name)), (1, 1))
    kept.get(key("a"))
    kept.used([key("b"), key("never kept")])
    kept = disk(tmp_path)
    kept.put(key("d"), png())
    assert [name for name in "abcd" if kept.get(key(name))] == ["a", "b", "d"]
    kept.put(key("e"), png(250))
    assert [name for name in "abcde" if kept.get(key(name))] == ["d", "e"]
    kept.put(key("f"), png(351))
    assert [name for name in "abcdef" if kept.get(key(name))] == ["d", "e"], "what cannot fit drives out nothing"
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == 350
    kept.put(key("e"), png(120))
    kept.put(key("f"), png(120))
    disk(tmp_path, room=249).open()
    assert {file.name[-5] for file in tmp_path.iterdir()} == {"5", "6"}, "less room after a restart"
    disk(tmp_path, room=119).open()
    assert not files(tmp_path)


@pytest.mark.usefixtures("at_once")
async def test_a_picture_in_memory_is_in_use_on_disk_too(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, disk=250)
    for name in "1213":
        await pictures.draw(chart(name))
    await pictures.close()
    pictures = Pictures(tmp_path)
    await pictures.draw(chart("1"))
    assert pictures.drawn == 0
    await pictures.draw(chart("2"))
    assert pictures.drawn == 1
    await written(pictures)
    for file in files(tmp_path):
        os.utime(file, (1, 1))
    await pictures.draw(chart("1"))
    await pictures.close()
    assert [file.stat().st_mtime > 1 for file in files(tmp_path)].count(True) == 1, "also for the next start"


def test_other_versions_and_halves_are_cleared_away_and_nothing_else(tmp_path: Path) -> None:
    before, now = disk(tmp_path, version="2" * 16), disk(tmp_path)
    now.open()
    before.put(key("a"), png())
    now.put(key("a"), png())
    [theirs, ours] = before._file(key("a")), now._file(key("a"))
    half = ours.with_name(f"{ours.name}.17")
    others = [tmp_path / "holiday.png", tmp_path / f"{theirs.name}.txt", tmp_path / "deep" / theirs.name]
    (tmp_path / "deep").mkdir()
    for file in (half, *others):
        file.write_bytes(b"x")
    disk(tmp_path).open()
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {ours, *others}


async def test_they_are_cleared_away_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(pictures: Pictures) -> None: ...

    monkeypatch.setattr(Pictures, "_ready", nobody)
    disk(tmp_path).put(key("a"), png())
    pictures = Pictures(tmp_path)
    assert len(files(tmp_path)) == 1, "made without doing anything"
    pictures.prewarm()
    assert pictures._warming is not None
    await pictures._warming
    assert files(tmp_path) == []
    await pictures.close()


async def test_what_changes_a_picture_makes_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    monkeypatch.setattr(drawing, "FONTS", fonts)
    made_with = drawing.made_with.__wrapped__
    seen = [made_with()]
    monkeypatch.setattr(drawing, "SCALE", 3)
    seen.append(made_with())
    monkeypatch.setattr(drawing, "VEGA_LITE", "5.8")
    seen.append(made_with())
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.1")
    seen.append(made_with())
    (fonts / "Inter.otf").write_bytes(b"1")
    seen.append(made_with())
    (fonts / "Inter.otf").write_bytes(b"2")
    seen.append(made_with())
    assert len(set(seen)) == len(seen)
    assert all(len(one) == 16 for one in seen)


@pytest.mark.usefixtures("at_once")
async def test_a_full_disk_costs_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def half(file: Path, png: bytes) -> int:
        with file.open("wb") as opened:
            opened.write(png[: len(png) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    pictures = Pictures(tmp_path)
    await pictures.draw(chart("before"))
    await written(pictures)
    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        for name in "12":
            assert whole(await pictures.draw(chart(name)))
            await written(pictures)
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text
    assert len(files(tmp_path)) == 1, "no half is left"
    await pictures.draw(chart("room again"))
    await pictures.close()
    assert len(files(tmp_path)) == 2


def a_file(folder: Path, _: pytest.MonkeyPatch) -> None:
    folder.write_bytes(b"")


def in_a_file(folder: Path, _: pytest.MonkeyPatch) -> None:
    folder.parent.write_bytes(b"")


def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    refuse(monkeypatch)


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file system that is mounted read-only says, to a superuser as well."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for verb in ("write_bytes", "replace", "unlink"):
        monkeypatch.setattr(Path, verb, refused)
    monkeypatch.setattr(os, "utime", refused)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("wrong", [a_file, in_a_file, read_only])
async def test_a_folder_that_cannot_be_written_costs_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, wrong: Callable[..., None]
) -> None:
    wrong(tmp_path / "var" if wrong is a_file else tmp_path / "var" / "pictures", monkeypatch)
    pictures = Pictures(tmp_path / "var" / "pictures")
    assert [whole(await pictures.draw(chart(name))) for name in "12"] == [True, True]
    await pictures.close()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "cannot be kept on disk" in caplog.text


def test_a_folder_that_can_only_be_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = disk(tmp_path, version="2" * 16), disk(tmp_path)
    for kept in (before, now):
        kept.open()
    for kept in (before, now):
        kept.put(key("a"), png())
    assert len(files(tmp_path)) == 2
    refuse(monkeypatch)
    kept = disk(tmp_path)
    assert kept.get(key("a")) == png()
    with pytest.raises(OSError, match="Read-only"):
        kept.put(key("b"), png())
    assert kept.get(key("a")) == png()


# -- what it keeps to ------------------------------------------------------------------------------------


async def test_nothing_is_fetched(pictures: Pictures) -> None:
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
                await pictures.draw({**chart(), **outside})
    assert asked == 0


async def test_closing_leaves_no_process() -> None:
    pictures = Pictures(longest=20)
    pid = await until_drawing(pictures)
    crowd = Crowd(pictures)
    await crowd.asks("A1", "A2", "B3")
    await pictures.close()
    assert [type(one) for one in await asyncio.gather(*crowd.asking, return_exceptions=True)] == [ChartFailed] * 3
    assert not alive(pid)
    with pytest.raises(ChartFailed):
        await pictures.draw(chart("late"))


async def test_closing_tells_those_who_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly(*_: object) -> bytes:
        await asyncio.sleep(0.2)
        raise ChartFailed

    monkeypatch.setattr(Pictures, "_by_worker", slowly)
    crowd = Crowd(Pictures())
    await crowd.asks("A1", "A2", "B3")
    await crowd.pictures.close()
    assert [type(task.exception()) for task in crowd.asking if task.done()] == [ChartFailed] * 3


async def test_closing_what_never_began() -> None:
    await Pictures().close()


PARENT = """
import asyncio, sys
from bot.drawing.pictures import Pictures

async def main():
    pictures = Pictures()
    await pictures.draw({"data": {"values": []}, "mark": "bar"})
    print(pictures._worker.pid, flush=True)
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
