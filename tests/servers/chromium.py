"""Debian's Chromium, driven by Playwright; nothing is downloaded."""

import contextlib
import os
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
OPTIONS = (
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """One browser, closed at the end of the block. As root it has no sandbox: it sees pages of this suite only."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(OPTIONS), chromium_sandbox=os.getuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()
