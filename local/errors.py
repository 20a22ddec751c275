"""What can keep the laptop cloud from working, told in a sentence for the terminal."""

from __future__ import annotations


class LocalCloudError(RuntimeError):
    """The message is the whole story for the user: what failed, and what to do."""

    exit_code = 1


class PortInUseError(LocalCloudError):
    """A port that was asked for is taken."""

    exit_code = 2
