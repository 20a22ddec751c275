"""How a bucket is backed up: its current versions are copied into the vault, and a manifest names them."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from lambdas.backups.contract import (
    copies_prefix,
    manifest_key,
    manifest_part_key,
    manifest_prefix,
    manifests_prefix,
    marks_key,
    resource_name,
    run_id,
)
from lambdas.backups.contract.records import Manifest, Work, WorkState
from lambdas.backups.ports import Buckets, MoreTime, Vault

_GZIP = 31
"""``wbits`` for the largest window, in a gzip wrapper; zlib leaves its time 0, so equal lines give equal bytes."""
_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class BucketRoute:
    """The `Route` of buckets."""

    buckets: Buckets
    vault: Vault
    lock: timedelta | None
    now: Callable[[], datetime]

    def step(self, work: Work, more: MoreTime) -> Work:
        """A page of the bucket at a time, each with a part of the manifest; last the manifest itself."""
        if work.instant is None:
            return replace(work, state=WorkState.COPYING, instant=self.now())
        instant, bucket = work.instant, resource_name(work.resource)
        until = self.now() + self.lock if self.lock else None
        page = self.buckets.page(bucket, work.marker)
        copies = self.buckets.copy(bucket, page.versions, until, more)
        if copies is None:
            return work
        work = replace(
            work,
            marker=page.next,
            items=work.items + len(copies.copied),
            size=work.size + sum(each.size for each in copies.copied),
            skipped=work.skipped + copies.skipped,
        )
        if copies.copied:
            part = _packed(_JSON.encode_lines(copies.copied))
            self.vault.write(manifest_part_key(bucket, run_id(work.policy, work.slot), work.parts), part, until)
            work = replace(work, parts=work.parts + 1)
        return work if page.next else self._complete(work, instant, until)

    def _complete(self, work: Work, instant: datetime, until: datetime | None) -> Work:
        bucket = resource_name(work.resource)
        manifest = Manifest(
            bucket=bucket,
            policy=work.policy,
            slot=work.slot,
            instant=instant,
            parts=work.parts,
            objects=work.items,
            size=work.size,
        )
        self.vault.write(manifest_key(bucket, run_id(work.policy, work.slot)), _JSON.encode(manifest), until)
        return replace(work, state=WorkState.RETAINING)

    def remove(self, run: str, resource: str) -> bool:
        """Deletes the manifest; the copies are shared, and left to `mark` and `sweep`."""
        return self.vault.delete(manifest_prefix(resource_name(resource), run))

    def mark(self, work: Work, more: MoreTime) -> Work:
        """Marks the copies that manifests refer to, one that is not complete included.

        A key is remembered as 8 bytes: two that are equal keep a copy for longer.
        """
        bucket, marked = resource_name(work.resource), work.marked
        marks = self._marks(bucket) if marked else set()
        if marks is None:
            return replace(work, marked=0)
        state = WorkState.SWEEPING
        for lines in self.vault.manifests(manifests_prefix(bucket), marked):
            if not more():
                state = work.state
                break
            marks.update(_brief(line.copy) for line in lines)
            marked += 1
        if (state, marked) == (work.state, work.marked):
            return work
        self.vault.write(marks_key(bucket), array("Q", marks).tobytes(), None)
        return replace(work, state=state, marked=marked)

    def sweep(self, work: Work, more: MoreTime) -> Work:
        """Deletes the copies without a mark. Where the marks are gone, it begins anew."""
        bucket, after = resource_name(work.resource), work.swept
        marks = self._marks(bucket)
        if marks is None:
            return replace(work, state=WorkState.MARKING, marked=0, swept=None)
        while more():
            after = self.vault.sweep(copies_prefix(bucket), after, lambda key: _brief(key) in marks)
            if after is None:
                self.vault.delete(marks_key(bucket))
                return replace(work, state=WorkState.FAILED if work.reason else WorkState.GOOD)
        return work if after == work.swept else replace(work, swept=after)

    def _marks(self, bucket: str) -> set[int] | None:
        content = self.vault.read(marks_key(bucket))
        return None if content is None else set(array("Q", content))


def _brief(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())


def _packed(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=_GZIP)
    return compressor.compress(content) + compressor.flush()
