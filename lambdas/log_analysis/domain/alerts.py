"""What people are told of an episode, with a query that shows them more."""

from __future__ import annotations

import re

import msgspec

from lambdas.log_analysis.contract import Kind, minute_text
from lambdas.log_analysis.domain.signatures import Episode, Signature

MOST_SUBJECT = 99
"""Characters; SNS takes fewer than 100, of ASCII ("Publish")."""
_MOST_PARTS = 4
"""Of a template that the query looks for."""
_SHORTEST_PART = 3
_MASK = re.compile(r"<\w+>")
_NO_SUBJECT = re.compile(r"[^ -~]+")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the topic."""

    log_group: str
    signature_id: str
    kind: Kind
    minute: int
    """The episode's first, since 1970."""
    subject: str
    text: str


def alert(log_group: str, signature: Signature, episode: Episode) -> Alert:
    """What is told of an episode."""
    return Alert(
        log_group=log_group,
        signature_id=signature.id,
        kind=episode.kind,
        minute=episode.first,
        subject=_NO_SUBJECT.sub(" ", f"{_headline(episode)} in {log_group}")[:MOST_SUBJECT],
        text="\n".join(_lines(log_group, signature, episode)),
    )


def _headline(episode: Episode) -> str:
    match episode.kind:
        case Kind.NEW:
            return "New error"
        case Kind.RATE:
            return f"{episode.count} errors in a minute, {episode.expected or 0:.1f} expected,"
        case Kind.LOOP:
            return "Subscription removed: log analysis was to analyze itself"


def _lines(log_group: str, signature: Signature, episode: Episode) -> list[str]:
    told = [
        f"{_headline(episode)} in {log_group}.",
        "",
        f"Signature   {signature.id}",
        f"Template    {signature.template}",
        f"Level       {signature.level}",
        f"Minute      {minute_text(episode.first)} UTC",
        f"Count       {episode.count}",
    ]
    if episode.expected is not None:
        told.append(f"Expected    {episode.expected:.2f} a minute")
    told += ["", "Sample:", episode.sample, ""]
    if episode.kind is not Kind.LOOP:
        told += [
            f"CloudWatch Logs Insights, log group {log_group}, from {minute_text(episode.first)} UTC on:",
            query(signature.template, episode.sample),
        ]
    return told


def query(template: str, sample: str) -> str:
    """A CloudWatch Logs Insights query that finds the errors of a template, of which one is the sample."""
    conditions = " and ".join(f'@message like "{_escaped(part)}"' for part in _parts(template, sample))
    lines = ["fields @timestamp, @logStream, @message", "sort @timestamp asc", "limit 100"]
    if conditions:
        lines.insert(1, f"filter {conditions}")
    return "\n| ".join(lines)


def _parts(template: str, sample: str) -> list[str]:
    """The longest texts between masks that stand in the sample as they do in the template."""
    found = [run for between in _MASK.split(template) for run in _runs(between, sample)]
    longest = sorted(dict.fromkeys(found), key=len, reverse=True)[:_MOST_PARTS]
    return [each for each in dict.fromkeys(found) if each in longest]


def _runs(text: str, sample: str) -> list[str]:
    """The text's words in runs, each as long as it stands in the sample."""
    runs: list[str] = []
    for word in text.split():
        longer = f"{runs[-1]} {word}" if runs else word
        if runs and longer in sample:
            runs[-1] = longer
        elif word in sample:
            runs.append(word)
    return [run for run in runs if len(run) >= _SHORTEST_PART and any(each.isalnum() for each in run)]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
