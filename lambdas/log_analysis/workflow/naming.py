"""Finds the signatures of errors, and registers those that are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.log_analysis.contract import OTHER, Detection, Kind, day_of, minute_text
from lambdas.log_analysis.domain.analysis import Counted
from lambdas.log_analysis.domain.found import Error
from lambdas.log_analysis.domain.signatures import SAMPLE_CHARACTERS, Sighting, Signature, sighted
from lambdas.log_analysis.domain.vocabulary import Placed, Vocabulary, signature_id
from lambdas.log_analysis.ports import ConflictError, FullError, Signatures, Stored

PATIENCE = 8
"""How often a signature is read again because others wrote it in between, before the rest is left to a retry."""


@dataclass
class Names:
    """The signatures of one delivery."""

    stored: dict[str, Stored]
    """By id."""
    ids: dict[str, str]
    """By template."""
    registered: int = 0
    """Signatures that are new."""


@dataclass(frozen=True)
class _First:
    """The first of a delivery's errors with a template."""

    error: Error
    event: Counted


@dataclass
class Naming:
    """Names the errors of log groups. Keeps, between deliveries, which templates have places for any word."""

    signatures: Signatures
    detection: Detection
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    full: dict[str, str] = field(default_factory=dict)
    """The day on which a log group was found to have too many signatures. To read them all again, for each delivery of
    a flood, would cost more than all else."""

    def named(self, log_group: str, since: int, events: Iterable[Counted]) -> Names:
        """The signature of each error, all of them stored.

        Raises:
            UnavailableError: a call failed, or others write the same signatures all the time.
        """
        firsts: dict[str, _First] = {}
        for event in events:
            if event.error and event.error.template not in firsts:
                firsts[event.error.template] = _First(event.error, event)
        names = Names({}, {})
        if firsts:
            self._recognize(log_group, firsts, names)
            missing = {template: first for template, first in firsts.items() if template not in names.ids}
            if missing:
                self._register(log_group, since, missing, names)
        return names

    def _recognize(self, log_group: str, templates: Iterable[str], names: Names) -> None:
        """Names the templates of signatures that are stored."""
        vocabulary = self.vocabularies.get(log_group)
        general = {each: vocabulary.general(each) or each for each in templates} if vocabulary else {}
        wanted = {each: signature_id(general.get(each, each)) for each in templates}
        found = self.signatures.some(log_group, set(wanted.values()))
        targets = _targets(found)
        while targets:
            more = self.signatures.some(log_group, targets)
            found |= more
            targets = _targets(more) - found.keys()
        for template, each in wanted.items():
            if each in found:
                _name(names, template, each, found)

    def _register(self, log_group: str, since: int, missing: dict[str, _First], names: Names) -> None:
        day = minute_text(next(iter(missing.values())).event.minute)[:10]
        if self.full.get(log_group) == day:
            known = self.signatures.some(log_group, {OTHER})
            for template, first in missing.items():
                _name(names, template, self._other(log_group, since, first, known), known)
            return
        for _ in range(PATIENCE):
            known = {each.signature.id: each for each in self.signatures.all(log_group)}
            vocabulary = Vocabulary(each.signature.template for each in known.values() if not each.signature.same_as)
            self.vocabularies[log_group] = vocabulary
            try:
                for template, first in missing.items():
                    if template not in names.ids:
                        self._settle(log_group, since, first, known, vocabulary, names)
            except ConflictError:
                continue
            return
        raise UnavailableError(f"others kept writing the signatures of {log_group}")

    def _settle(
        self,
        log_group: str,
        since: int,
        first: _First,
        known: dict[str, Stored],
        vocabulary: Vocabulary,
        names: Names,
    ) -> None:
        """Names one template that was not stored when it was looked for."""
        template = first.error.template
        own = known.get(signature_id(template))
        placed = Placed(own.signature.template) if own else vocabulary.place(template)
        wanted = signature_id(placed.template)
        if wanted not in known:
            try:
                wanted = self._add(log_group, since, first, placed, known)
            except FullError:
                self.full[log_group] = minute_text(first.event.minute)[:10]
                wanted = self._other(log_group, since, first, known)
            else:
                vocabulary.add(placed.template, placed.members)
                names.registered += not placed.members
        _name(names, template, wanted, known)

    def _add(self, log_group: str, since: int, first: _First, placed: Placed, known: dict[str, Stored]) -> str:
        members = [known[signature_id(each)] for each in placed.members]
        signature = self._made(signature_id(placed.template), placed.template, first, since, members)
        most = self.detection.max_signatures
        day = minute_text(first.event.minute)[:10]
        if self.full.get(log_group) == day:
            raise FullError(f"{log_group} was full a moment ago")
        try:
            stored = self.signatures.register(log_group, signature, members, most)
        except FullError:
            if len(known) >= most or not self.signatures.recount(log_group, len(known), day):
                raise
            stored = self.signatures.register(log_group, signature, members, most)
        known[signature.id] = stored
        for each in members:
            moved = msgspec.structs.replace(each.signature, same_as=signature.id)
            known[moved.id] = Stored(moved, each.revision + 1)
        return signature.id

    def _other(self, log_group: str, since: int, first: _First, known: dict[str, Stored]) -> str:
        """The signature for all that are too many."""
        if OTHER not in known:
            template = f"(any beyond the {self.detection.max_signatures} signatures that a log group may have)"
            signature = self._made(OTHER, template, first, since, [])
            known[OTHER] = self.signatures.save(log_group, Stored(signature, 0), signature)
        return OTHER

    def _made(self, identity: str, template: str, first: _First, since: int, members: Sequence[Stored]) -> Signature:
        """A signature; out of the ordinary if it is neither learned nor made of others."""
        event = first.event
        message = event.message[:SAMPLE_CHARACTERS]
        signature = Signature(
            id=identity,
            template=template,
            level=first.error.level,
            first=min([event.minute, *(each.signature.first for each in members)]),
            registered=event.minute,
            last_day=day_of(event.minute),
            sample=message,
            latest=message,
            members=tuple(identity for each in members for identity in each.signature.ids),
        )
        if members or event.minute < since + self.detection.learning_minutes:
            return signature
        new = Sighting(kind=Kind.NEW, minute=event.minute, count=1, sample=message)
        return sighted(signature, new, self.detection.quiet_minutes)


def _name(names: Names, template: str, identity: str, found: Mapping[str, Stored]) -> None:
    """Gives a template the signature, or the more general one, unless that has expired."""
    while (general := found[identity].signature.same_as) in found:
        identity = general
    names.ids[template] = identity
    names.stored[identity] = found[identity]


def _targets(found: Mapping[str, Stored]) -> set[str]:
    return {each.signature.same_as for each in found.values()} - {"", *found}
