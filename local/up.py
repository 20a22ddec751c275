"""``make up``: the app deployed into the laptop cloud, until Ctrl-C."""

from __future__ import annotations

import signal
from contextlib import ExitStack

from rich.console import Console

from local.cloud import Cloud, laptop_cloud
from local.journal import Journal
from local.use_cases.registry import USE_CASES


def up(port: int | None) -> int:
    """Deploys, tells how to use what is there, and waits; returns 0 when it is interrupted while it waits.

    Raises:
        LocalCloudError: the cloud could not be started or deployed to.
        KeyboardInterrupt: interrupted before everything was up.
    """
    console = Console(soft_wrap=True, highlight=False)
    journal = Journal(console)
    with ExitStack() as stack:
        with journal.shown():
            cloud = stack.enter_context(laptop_cloud(port, journal))
            cloud.deploy()
        console.print(instructions(cloud), markup=False)
        try:
            signal.pause()
        except KeyboardInterrupt:
            console.print("\nStopping.")
    return 0


def instructions(cloud: Cloud) -> str:
    """What to type in another shell."""
    exports = [f"export {name}={value}" for name, value in cloud.environment.items()]
    examples = [f"# {use_case.title}\n{use_case.example(cloud.outputs)}" for use_case in USE_CASES]
    return "\n".join(
        [
            f"\nUp on {cloud.endpoint} until Ctrl-C. The stacks' outputs: {cloud.outputs_path}. In another shell:\n",
            *exports,
            f"export MQTT_PORT={cloud.mqtt_port} MQTT_CA={cloud.mqtt_ca}  # MQTT over TLS, on 127.0.0.1",
            "",
            *examples,
        ]
    )
