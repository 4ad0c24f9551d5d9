"""The pictures of docs/moderating.md, taken of the offline channel in Chromium: `python -m tools.screens docs/moderating`."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright

from bot.offline import offline_channel
from bot.service.run import ready_client
from bot.service.settings import read_settings
from tests.bot.test_browser import CHROMIUM, FLAGS
from tests.data.importing.tables import nato

MEMBER, MODERATOR, SECOND = "Mia, a member", "Max, a moderator", "Ida, another moderator"
SEEN = 40_000  # milliseconds that something may take to be seen
SETTLES = 600  # milliseconds until a list or a form has settled
REASON, ADDRESS = "The budget act was revised in October", "https://budget.example/act"
NEW = "2027", "2026-11-20", "https://www.nato.int/tables-2027.xlsx"  # its id, day and address


class Screen:
    """The offline channel as somebody sees it."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder, self.taken = page, folder, list[Path]()

    async def be(self, who: str) -> None:
        await self.page.locator("select").first.select_option(label=who)
        await self.page.wait_for_timeout(SETTLES)

    async def send(self, command: str, *required: str, file: Path | None = None, **optional: str) -> None:
        """A slash command with what it needs, in its order, and options by their names."""
        box, keys = self.page.locator("#channel-composer-input"), self.page.keyboard
        await box.click()
        await box.press_sequentially(f"/{command}", delay=15)
        await self.page.wait_for_timeout(SETTLES)
        await keys.press("Enter")
        await self.page.wait_for_timeout(SETTLES)
        if file is not None:
            await self.page.locator("input[type=file]").last.set_input_files(file)
            await self.page.wait_for_timeout(SETTLES)
            await self.page.locator("input.command-option-input").first.click()
        for text in required:
            await keys.type(text, delay=15)
            await self._pick_or_go_on()
        for name, text in optional.items():
            option = self.page.get_by_role("option", name=re.compile(rf"^{name}\b"))
            if not await option.count():
                await self.page.get_by_text(re.compile(r"^\+\d+ (more|options?)$")).last.click()
            await option.first.click()
            await keys.type(text, delay=15)
            await self._pick_or_go_on()
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def _pick_or_go_on(self) -> None:
        await self.page.wait_for_timeout(SETTLES)
        offered = await self.page.get_by_role("option").count()
        await self.page.keyboard.press("Enter" if offered else "Tab")
        await self.page.wait_for_timeout(SETTLES)

    async def press(self, label: str) -> None:
        """A button of the newest message that has it."""
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    async def fill(self, *texts: str) -> None:
        """The form that opened, and send it."""
        form = self.page.get_by_role("dialog").last
        inputs = form.locator("textarea, input[type=text], input:not([type])")
        await inputs.first.wait_for(timeout=SEEN)
        for number, text in enumerate(texts):
            await inputs.nth(number).fill(text)
        await form.get_by_role("button", name="Submit").click()
        await inputs.first.wait_for(state="hidden", timeout=SEEN)
        await self.page.wait_for_timeout(SETTLES)

    async def seen(self, says: str) -> Locator:
        """The newest message that says something, once it is there."""
        found = self.page.locator("article.channel-message", has_text=says).last
        await found.wait_for(timeout=SEEN)
        return found

    async def take(self, name: str, says: str) -> None:
        """A picture of the newest message that says something."""
        found = await self.seen(says)
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_timeout(2 * SETTLES)
        path = self.folder / f"{name}.png"
        await found.screenshot(path=path)
        self.taken.append(path)


async def correction(screen: Screen) -> None:
    """From the settings and a report to the answer that says so."""
    await screen.be(MODERATOR)
    await screen.send("settings corrections", channel="questions", approvers="Moderators")
    await screen.take("settings", "Who may correct figures")
    await screen.be(MEMBER)
    await screen.send("report", "Slovenia", "2026")
    await screen.fill("The act of October says 2.01%.", ADDRESS)
    await screen.be(MODERATOR)
    await screen.take("report", "Report 1, waits for a decision")
    await screen.press("Correct…")
    await screen.fill("2.01e")
    await screen.take("preview", "This is what would change")
    await screen.press("Propose…")
    await screen.fill(REASON, ADDRESS)
    await screen.be(SECOND)
    await screen.seen("Change 1, waits for a decision")
    await screen.press("Approve")
    await screen.seen("Change 1, approved")
    await screen.be(MEMBER)
    await screen.send("gap", "Slovenia")
    await screen.take("answer", "By a correction made here")


async def edition(screen: Screen, table: Path) -> None:
    """A whole new edition, before it is proposed."""
    await screen.be(MODERATOR)
    await screen.send("data edition", *NEW, file=table)
    await screen.take("edition", "a whole edition")


async def write(folder: Path) -> list[Path]:
    """Take every picture into a folder that is there; those that were written."""
    client = ready_client(read_settings({}))
    facts = client.ledger.facts
    client.ledger.pictures.prewarm()
    async with offline_channel(client, 0) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1000, "height": 1800})  # as high as the longest message
        await page.goto(address)
        people = await page.locator("select").first.locator("option").all()
        client.ledger.maintainers = frozenset([int(await one.get_attribute("value") or 0) for one in people])
        screen = Screen(page, folder)
        with tempfile.TemporaryDirectory() as made:
            table = Path(made) / "tables-2027.xlsx"
            table.write_bytes(nato(facts, facts.newest.id, years_more=1))
            await correction(screen)
            await edition(screen, table)
        await browser.close()
    return screen.taken


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.screens", description="Takes the pictures of moderating.md.")
    parser.add_argument("folder", type=Path, help="such as docs/moderating")
    if CHROMIUM is None:
        print("No Chromium was found.", file=sys.stderr)
        return 1
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(write(folder)):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
