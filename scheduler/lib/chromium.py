"""Find a Chromium to drive, and fetch one where there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Quiet: nothing is fetched, nothing is asked; the sandbox of Chromium itself cannot run as root.
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# A whole browser, unlike Playwright's own, draws an address bar for every tab, and these two are pages of their own
# behind it: two thirds of what a new tab costs. The others are what Playwright itself turns off, said again because
# Chromium hears only the last list.
NOT_NEEDED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)


class NoChromium(Exception):
    """No Chromium could be found or fetched; the text says what to do."""


def of_the_system() -> str:
    """Return the path of an installed Chromium; "" when there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), "")


def of_playwright() -> str:
    """Return the path of the Chromium that `playwright install` has put on this machine; "" when it has not."""
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout.strip()
    return answer if answer and Path(answer).exists() else ""


def launch_options() -> dict[str, Any]:
    """Return what to launch with: Playwright's own browser where it is, else the system's."""
    path = "" if of_playwright() else of_the_system()
    if not path:
        return {"args": list(FLAGS)}
    return {"args": [*FLAGS, f"--disable-features={','.join(NOT_NEEDED)}"], "executable_path": path}


def ensure(say: Callable[[str], object]) -> None:
    """Fetch a Chromium unless one is here, telling so by `say`. Raises NoChromium when neither way works."""
    if of_the_system() or of_playwright():
        return
    say("Fetching Chromium for the browser tests (once; about a minute) ...\n")
    if not (_fetch_with_playwright() or _fetch_with_apt()):
        raise NoChromium(
            "No Chromium is on this machine and none could be fetched. "
            "Install one (Debian and Ubuntu: apt-get install chromium) and run the same command again."
        )


def _fetch_with_playwright() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, timeout=600, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return False
    return bool(of_playwright())


def _fetch_with_apt() -> bool:
    if not shutil.which("apt-get"):
        return False
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    try:
        for words in (["update"], ["install", "-y", "chromium"]):
            subprocess.run([*apt, *words], timeout=900, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError):
        return False
    return bool(of_the_system())
