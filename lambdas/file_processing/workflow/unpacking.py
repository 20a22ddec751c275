"""What a lane does with the members of an archive: each becomes a file of its own, and goes when the archive goes.

A member's bytes stand under the prefix of the archive's generation. It is noted in the catalog before anybody hears of
it, so that whoever discards the generation, at whatever moment, finds all that may have been announced. The removal of
a member beats its creation, however late that is delivered. All archives within one that was uploaded draw on one
budget before anything of them is shown: limits of each alone would multiply with every level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from lambdas.common.side_by_side import Together
from lambdas.file_processing.contract import generation_prefix
from lambdas.file_processing.contract.limits import ArchiveLimits
from lambdas.file_processing.contract.messages import LAST_SEQUENCER, Member, Work
from lambdas.file_processing.contract.tables import file_id
from lambdas.file_processing.domain.catalog import Current, Share
from lambdas.file_processing.domain.processing import Processed, Rejected, Unpacked
from lambdas.file_processing.ports import Budgets, Members, Products

MEMBERS = "members/"
"""Under a generation's prefix: members by their numbers. Names, which may be anything, are never part of a key."""


@dataclass(frozen=True)
class Unpacking:
    """`Effects` of the lane that unpacks."""

    members: Members
    budgets: Budgets
    products: Products
    bucket: str
    """The products bucket's name."""
    together: Together
    """How members are uploaded: small ones mostly wait."""
    limits: ArchiveLimits

    def publish(self, file: Current, processed: Processed) -> None:
        """Uploads the members, notes them, and announces them. Raises Rejected if too many come out of one upload."""
        self._reserve(file, processed.members)
        prefix = generation_prefix(file.file_id, file.generation or "") + MEMBERS
        keyed = [(f"{prefix}{number:06}", each) for number, each in enumerate(processed.members, 1)]
        self.together(self._upload, keyed)
        published = [self._member(file, key, each.name) for key, each in keyed]
        self.members.record(file.file_id, file.generation or "", published)
        self.members.announce(published)

    def retract(self, work: Work) -> None:
        """Announces that every member noted has gone, then deletes the notes."""
        noted = list(self.members.recorded(work.file_id, work.generation))
        removed = [msgspec.structs.replace(each, change="removed", sequencer=LAST_SEQUENCER) for each in noted]
        self.members.announce(removed)
        self.members.forget(work.file_id, work.generation, noted)

    def _reserve(self, archive: Current, members: Sequence[Unpacked]) -> None:
        """What was reserved is never given back: no generation of an upload is shown a second time."""
        share = Share(members=len(members), bytes=sum(each.path.stat().st_size for each in members))
        most = Share(members=self.limits.max_all_members, bytes=self.limits.max_all_bytes)
        if not self.budgets.reserve(archive, share, most):
            raise Rejected(
                "upload_holds_too_much",
                f"with {share.members} files of {share.bytes} bytes in this archive, more than {most.members} files or "
                f"{most.bytes} bytes would come out of one upload with all archives in it; upload it by itself",
            )

    def _upload(self, keyed: tuple[str, Unpacked]) -> None:
        key, member = keyed
        self.products.put(key, member.path, "application/octet-stream")

    def _member(self, archive: Current, key: str, name: str) -> Member:
        return Member(
            change="created",
            bucket=self.bucket,
            key=key,
            name=f"{archive.name}!/{name}",
            file_id=file_id(self.bucket, key),
            # Of the generation: the archive's own grows when old versions of it go, and would bring members once more.
            sequencer=(archive.generation or "").partition("-")[0],
            time=archive.arrived_at or "",
            depth=archive.depth + 1,
            parent=archive.file_id,
            prefix=archive.contribution.prefix if archive.contribution else "",
            root=archive.belongs_to,
        )
