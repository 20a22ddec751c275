"""What must hold of every world once it is quiet."""

from __future__ import annotations

import zlib
from collections import Counter

import msgspec

from lambdas.backups.contract import (
    copies_prefix,
    export_prefix,
    manifest_prefix,
    manifests_prefix,
    resource_name,
    run_id,
    slot_id,
)
from lambdas.backups.contract.records import Backup, Copied, Kind, Manifest, RunState, WorkState
from tests.backups.world import BEFORE, World


def lines(world: World, backup: Backup) -> list[Copied]:
    """What a manifest says; all its parts are there."""
    vault = world.vault()
    assert backup.manifest_key in vault
    manifest = msgspec.json.decode(vault[backup.manifest_key], type=Manifest)
    prefix = manifest_prefix(manifest.bucket, run_id(backup.policy, backup.slot))
    parts = sorted(key for key in vault if key.startswith(prefix) and key.endswith(".gz"))
    assert len(parts) == manifest.parts
    found = [
        line for key in parts for line in msgspec.json.Decoder(Copied).decode_lines(zlib.decompress(vault[key], 31))
    ]
    assert len(found) == manifest.objects == backup.items
    return found


def assert_each_good_backup_is_whole(world: World) -> None:
    """All that its record names is there."""
    for kept in world.kept():
        if kept.deleting:
            continue
        backup = kept.backup
        match backup.kind:
            case Kind.TABLE:
                made = world.dynamodb.backups.get(backup.backup_arn or "")
                assert made
                assert made.table == resource_name(backup.resource)
                assert backup.export_key in world.vault()
            case Kind.BUCKET:
                for line in lines(world, backup):
                    assert world.vault().get(line.copy) == world.contents["photos", line.key, line.version]
            case Kind.VOLUME:
                assert backup.snapshot_id in world.ec2.snapshots


def assert_nothing_is_orphaned(world: World) -> None:
    """All that is there belongs to a backup that is kept, and each thing is there once."""
    kept = {(each.backup.resource, run_id(each.backup.policy, each.backup.slot)): each for each in world.kept()}
    names = Counter((made.table, made.name) for made in world.dynamodb.backups.values())
    tables = {(resource_name(resource), run) for resource, run in kept if ":dynamodb:" in resource}
    assert set(names) <= tables
    assert set(names.values()) <= {1}
    snapshots = Counter((each.volume_id, each.tags["backup-run"]) for each in world.ec2.snapshots.values())
    assert set(snapshots) <= {(resource_name(resource), run) for resource, run in kept if ":ec2:" in resource}
    assert set(snapshots.values()) <= {1}
    referred = {
        line.copy for each in kept.values() if each.backup.kind is Kind.BUCKET for line in lines(world, each.backup)
    }
    folders = tuple(export_prefix(table, run) for table, run in tables)
    for key, versions in world.s3.buckets["vault"].objects.items():
        if key.startswith(copies_prefix("photos")):
            assert key in referred, key
        elif key.startswith(manifests_prefix("photos")):
            run = key.split("/")[3]
            assert ("arn:aws:s3:::photos", run) in kept, key
        else:
            assert key.startswith(folders), key
        assert versions[-1].content is not None


def assert_runs_are_done(world: World) -> None:
    """With work of each resource once, and a report."""
    subjects = Counter(subject.split(":")[0] for subject, _ in world.sns.published)
    work = Counter((each.slot, each.resource) for each in world.work())
    assert set(work.values()) <= {1}
    for run in world.runs().values():
        assert run.state in {RunState.DONE, RunState.MISSED}
        if run.slot != slot_id(BEFORE) and run.state is RunState.DONE:
            assert subjects[f"Backup {run_id(run.policy, run.slot)}"] >= 1
            assert run.good + run.failed == sum(slot == run.slot for slot, _ in work)


def assert_the_newest_is_the_last_good_one(world: World) -> None:
    """It is kept, whatever came after it."""
    for resource, newest in world.newest().items():
        good = [each.slot for each in world.work() if each.resource == resource and each.state is WorkState.GOOD]
        if good:
            assert newest.backup
            assert newest.backup.slot == max(good)
            assert any(each.backup == newest.backup and not each.deleting for each in world.kept())


def assert_whole(world: World) -> None:
    """All of this."""
    assert world.open() == []
    assert_runs_are_done(world)
    assert_each_good_backup_is_whole(world)
    assert_nothing_is_orphaned(world)
    assert_the_newest_is_the_last_good_one(world)


def summary(world: World) -> object:
    """What does not depend on how often something failed on the way there."""
    return (
        {slot: (run.state, run.good, run.failed) for slot, run in world.runs().items()},
        sorted((each.slot, each.resource, each.state, each.items, each.size) for each in world.work()),
        sorted((each.backup.slot, each.backup.resource, each.deleting) for each in world.kept()),
    )
