"""Tables, buckets and a volume are backed up by their tags; restores are proven, and old backups go."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from local.cloud import Cloud, Outputs
from local.use_cases import chapters
from local.use_cases.backups import restoring, retaining, slots
from local.use_cases.backups.samples import MANY, make
from local.use_cases.backups.visit import STACK, Visit
from local.use_cases.chapters import told
from local.use_cases.outcome import Outcome


def run(cloud: Cloud, directory: Path) -> Outcome:  # noqa: ARG001  there are no pictures
    """Makes what is to be backed up, and invokes the functions as their schedules do, but without the wait between.

    Schedules of the deployed stack fire meanwhile, too, and may do a part of the work.
    """
    journal, now = cloud.journal, datetime.now(UTC)
    slot = now.replace(second=0, microsecond=0)
    with journal.phase("backups: make tables, buckets, volumes"):
        visit = Visit.of(cloud)
        samples = make(visit)
    with journal.phase("backups: a slot that fires twice"):
        twice = told("A slot that fires twice", lambda transcript: slots.fired_twice(visit, samples, transcript, slot))
        backed_up = datetime.now(UTC)
    with journal.phase("backups: old ones go"):
        pruned = told("Old backups go", lambda transcript: retaining.pruned(visit, samples, transcript, now))
    with journal.phase("backups: restores are proven"):
        proven = told("Restores are proven", lambda transcript: restoring.proven(visit, samples, transcript, slot))
    with journal.phase("backups: restore by hand"):
        by_hand = told("Restored by hand", lambda transcript: restoring.by_hand(visit, samples, transcript, backed_up))
    every = (twice, pruned, proven, by_hand)
    return Outcome(
        input=f"{len(samples.names)} tables, buckets and volumes, {MANY:,} items in one; {1 + retaining.WEEKS} slots",
        output=f"{sum(each.card.good for each in every)} of {len(every)} chapters as they should be",
        problems=chapters.problems(every),
        cards=tuple(each.card for each in every),
    )


def example(outputs: Outputs) -> str:
    """Tags a table, has it backed up at once, loses an item, and restores the table beside."""
    own = outputs[STACK]
    key, item = '{"pk": {"S": "a"}}', '{"pk": {"S": "a"}, "text": {"S": "Keep me."}}'
    event = """{"policy": "daily", "slot": "'$(date -u +%Y-%m-%dT%H:%M:00Z)'"}"""
    return "\n".join(
        [
            "aws dynamodb create-table --table-name notes --billing-mode PAY_PER_REQUEST \\",
            "  --attribute-definitions AttributeName=pk,AttributeType=S \\",
            "  --key-schema AttributeName=pk,KeyType=HASH --tags Key=backup,Value=daily",
            f"aws dynamodb put-item --table-name notes --item '{item}'",
            f"echo '{event}' | aws lambda invoke --function-name {own['BackupFunctionName']} \\",
            "  --payload fileb:///dev/stdin /dev/stdout",
            f"aws dynamodb delete-item --table-name notes --key '{key}'",
            ".venv/bin/python -m tools restore notes --at $(date -u +%Y-%m-%dT%H:%M:%SZ) --to notes-restored",
            "aws dynamodb scan --table-name notes-restored",
        ]
    )
