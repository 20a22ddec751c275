"""Reads the data files of an export in the vault, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lambdas.backups.contract.records import Tally
from lambdas.backups.domain.exports import DamagedExportError, DataFile, data_files, listing_key, read
from lambdas.backups.ports import ExportObjects, ObjectGoneError


@dataclass(frozen=True)
class ExportReader:
    """One export. Its manifests are read once."""

    objects: ExportObjects
    summary_key: str
    _files: list[Sequence[DataFile]] = field(default_factory=list)

    def read(self, number: int) -> Tally | None:
        """Count and digest of a data file's items, from number 0 on; None behind the last. Raises DamagedExportError.

        A manifest or file that is missing is damage, too.
        """
        try:
            files = self._listed()
            if number >= len(files):
                return None
            with self.objects.stream(files[number].key) as chunks:
                return read(files[number], chunks)
        except ObjectGoneError as error:
            raise DamagedExportError(f"{error} is missing in the vault") from error

    def _listed(self) -> Sequence[DataFile]:
        if not self._files:
            listing = listing_key(self.summary_key, self.objects.content(self.summary_key))
            self._files.append(data_files(listing, self.objects.content(listing)))
        return self._files[0]
