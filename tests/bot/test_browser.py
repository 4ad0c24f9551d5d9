"""The offline channel in a real browser: a command picked, an option completed, an answer read, a button pressed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found, so the browser tests did not run")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A bot started as a person starts it, without a token."""
    environment = {k: v for k, v in os.environ.items() if k != "DISCORD_TOKEN"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot"],
        env=environment | {"LEDGER_PORT": "0", "LEDGER_FOLDER": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line):
                yield found[0]
                break
        else:
            raise AssertionError("no address was printed")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()


def test_gap_germany_is_picked_asked_and_read(address: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.goto(address)
        box = page.locator("#channel-composer-input")
        box.click()
        box.press_sequentially("/gap", delay=20)
        page.wait_for_timeout(600)
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)
        page.keyboard.type("germ", delay=60)
        expect(page.get_by_text("🇩🇪 Germany")).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        page.keyboard.press("Enter")
        headline = page.get_by_text("0.81 points short of the 3.5%").last
        expect(headline).to_be_visible(timeout=15_000)
        expect(page.get_by_text("US$ 44.0 bn (€ 37.3 bn)").last).to_be_visible()
        page.get_by_role("button", name="Workings").click()
        expect(page.get_by_text("3.5% − 2.69% = 0.81 points").last).to_be_visible(timeout=15_000)
        browser.close()


ASKED = [  # the command, whether its first option must be taken first, what is typed and picked, what the answer says
    ("rank", True, "share", "share of GDP", "5 of 31 Allies are at or above 3.5%"),
    (
        "compare",
        False,
        "Germany, France, Pol",
        "🇩🇪 Germany, 🇫🇷 France, 🇵🇱 Poland",
        "The largest change since 2014 is that of Poland",
    ),
    ("whatif", False, "Germany", "🇩🇪 Germany", "Germany would reach 3.5% in 2030"),
    ("revisions", True, "Poland", "🇵🇱 Poland", "NATO has given the share of GDP of Poland"),
    ("pledges", False, "Germany", "🇩🇪 Germany", "Germany has announced 3.5% of GDP core for 2029"),
    ("define", False, "SIPRI", "SIPRI military expenditure", "SIPRI counts armed forces including peacekeepers"),
    ("summit", False, "hague", "The Hague summit, 2025", "The Hague summit"),
    ("spending", False, "France", "🇫🇷 France", "France is expected to spend 2.22% of GDP"),
]
WITHOUT_A_CHART = ("pledges", "define", "summit")


def test_every_command_is_answered_and_its_chart_is_seen(address: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 1400})
        page.goto(address)
        box = page.locator("#channel-composer-input")
        for name, optional, typed, picked, says in ASKED:
            box.click()
            box.press_sequentially(f"/{name}", delay=15)
            page.wait_for_timeout(500)
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
            if optional:
                page.keyboard.press("Enter")
                page.wait_for_timeout(400)
            page.keyboard.type(typed, delay=30)
            page.get_by_text(picked, exact=True).last.click()
            page.wait_for_timeout(600)
            page.get_by_role("button", name="Send", exact=True).click()
            expect(page.get_by_text(says).last).to_be_visible(timeout=15_000)
            if name in WITHOUT_A_CHART:
                continue
            pictures = "[...document.querySelectorAll('img')].filter(i => i.naturalWidth === 1200).length"
            seen = page.evaluate(pictures)
            page.get_by_role("button", name="Chart", exact=True).last.click()
            page.wait_for_function(f"seen => {pictures} > seen", arg=seen, timeout=20_000)
        browser.close()
