"""Ctrl-C on the command line, by a real signal to a real process at a real terminal."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from counties import write_hard_county


def read_until(terminal: int, pattern: str, seconds: float) -> str:
    """What a process wrote to its terminal until it matched, or until time was up or it ended."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end and not re.search(pattern, text):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536).decode("utf-8", errors="replace")
            except OSError:
                break
    return text


@pytest.mark.slow
def test_ctrl_c_writes_the_best_plan_so_far_marked_stopped(tmp_path: Path) -> None:
    path, out = write_hard_county(tmp_path), tmp_path / "out"
    ours, theirs = pty.openpty()
    fcntl.ioctl(
        theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0)
    )  # a bar has no room in a window of size 0
    command = [sys.executable, "-m", "aedplan.cli", "plan", str(path), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, encoding="utf-8") as process:
        os.close(theirs)
        shown = read_until(ours, r"choosing: [\d.]+% .*bound [\d.]+% .*gap [\d.]+%", seconds=60)
        assert "gap" in shown, shown
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
        took = time.monotonic() - began
    os.close(ours)
    assert process.returncode == 0, printed
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "stopped"
    assert len(summary["chosen"]) == 20
    assert 0 < summary["value"] <= summary["bound"]
    assert summary["gap"] == pytest.approx(1 - summary["value"] / summary["bound"], abs=1e-8)
    assert "(stopped)" in printed
    assert took < 30
