"""Commands that run in the background, write to a log file, and never outlive this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from local.errors import LocalCloudError

_GUARD = Path(__file__).with_name("guard.py")
_TOLD_LINES = 25


class Background:
    """A running command and its descendants; leaving the context stops them all (see `local.guard`)."""

    def __init__(self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), *command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops the command and its descendants; does nothing where it has ended."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def ended(self) -> bool:
        """Whether the command has ended well.

        Raises:
            LocalCloudError: it ended with an error; the message carries the end of its log.
        """
        code = self._process.poll()
        if code:
            raise LocalCloudError(f"{self.name} ended with exit code {code}.\n{self._told()}")
        return code == 0

    def last_line(self) -> str:
        """What the command wrote last."""
        lines = self._lines()
        return lines[-1] if lines else ""

    def _told(self) -> str:
        return "\n".join([*self._lines()[-_TOLD_LINES:], f"The whole log: {self.log}"])

    def _lines(self) -> list[str]:
        return [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
