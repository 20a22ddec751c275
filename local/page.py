"""The page of `make demo`: what went in beside what came of it, and where the time went."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from local.journal import Phase
from local.report import Result
from local.use_cases.outcome import Card, Figure, Listing, Medium

_STYLE = Path(__file__).with_name("page.css")


def render(results: Sequence[Result], phases: Sequence[Phase]) -> str:
    """The page; every value in it is escaped, and every file that it names is relative to it."""
    failed = sum(not each.ok for each in results)
    verdict = f"{failed} of {len(results)} use cases failed" if failed else "Every use case works"
    sections = "".join(_section(each) for each in results)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Lambda use cases: {escape(verdict)}</title>
<style>
{_STYLE.read_text()}</style>
</head>
<body>
<header>
<h1>{escape(verdict)}</h1>
<p>Deployed with the AWS CDK into an emulator on this computer; real input in, and what came out.</p>
</header>
<main>
{_summary(results)}
{sections}
{_timeline(phases)}
</main>
</body>
</html>
"""


def _summary(results: Sequence[Result]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(each.title)}</th><td>{escape(each.input)}</td><td>{escape(each.output)}</td>"
        f"<td class=number>{each.seconds:.1f} s</td><td>{_badge('ok' if each.ok else 'failed', good=each.ok)}</td></tr>"
        for each in results
    )
    heads = "".join(f"<th scope=col>{name}</th>" for name in ("Use case", "Input", "Output", "Time", "Result"))
    return f"<section><h2>Use cases</h2><div class=wide><table><tr>{heads}</tr>{rows}</table></div></section>"


def _section(result: Result) -> str:
    problem = f"<pre class=problem>{escape(result.error)}</pre>" if result.error else ""
    cards = "".join(_card(each) for each in result.cards)
    return f"<section><h2>{escape(result.title)}</h2>{problem}<div class=cards>{cards}</div></section>\n"


def _card(card: Card) -> str:
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in card.facts)
    pictures = "".join(_figure(each) for each in card.figures if not each.large)
    read = "".join(_figure(each) for each in card.figures if each.large)
    read += "".join(_listing(each) for each in card.listings)
    shown = (f"<div class=strip>{pictures}</div>" if pictures else "") + (
        f"<div class=charts>{read}</div>" if read else ""
    )
    heading = f"<h3>{escape(card.title)} {_badge(card.status, good=card.good)}</h3>"
    small = "" if shown else " class=small"
    return f"<article{small}>{heading}{shown}<dl>{facts}</dl></article>\n"


def _figure(figure: Figure) -> str:
    facts = "".join(f"<span>{escape(each)}</span>" for each in figure.facts)
    return f"<figure>{_shown(figure)}<figcaption><strong>{escape(figure.title)}</strong>{facts}</figcaption></figure>"


def _shown(figure: Figure) -> str:
    """What has controls of its own is no link: a click would play it and leave the page."""
    file, alt = escape(figure.file), escape(figure.alt)
    match figure.medium:
        case Medium.VIDEO:
            poster = f' poster="{escape(figure.poster)}"' if figure.poster else ""
            return f'<video controls playsinline preload=metadata src="{file}"{poster} aria-label="{alt}"></video>'
        case Medium.AUDIO:
            return f'<audio controls preload=metadata src="{file}" aria-label="{alt}"></audio>'
        case Medium.IMAGE:
            return f'<a href="{file}"><img src="{file}" alt="{alt}" loading=lazy></a>'


def _listing(listing: Listing) -> str:
    kinds = [" class=number" if at in listing.numbers else "" for at in range(len(listing.heads))]
    heads = "".join(f"<th scope=col{kind}>{escape(name)}</th>" for name, kind in zip(listing.heads, kinds, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td{kind}>{escape(value)}</td>" for value, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in listing.rows
    )
    code = f"<pre>{escape(listing.code)}</pre>" if listing.code else ""
    table = f"<div class=wide tabindex=0><table><tr>{heads}</tr>{rows}</table></div>"
    kind = "listing whole" if listing.whole else "listing"
    return f'<section class="{kind}"><h4>{escape(listing.title)}</h4>{code}{table}</section>'


def _badge(text: str, *, good: bool) -> str:
    return f'<span class="badge {"good" if good else "bad"}">{escape(text)}</span>'


def _timeline(phases: Sequence[Phase]) -> str:
    ended = [(each, each.seconds) for each in phases if each.seconds is not None]
    if not ended:
        return ""
    start = min(each.started for each, _ in ended)
    whole = max(each.started + seconds for each, seconds in ended) - start
    bars = "".join(
        f"<tr><th scope=row>{escape(each.name)}</th><td class=number>{seconds:.1f} s</td>"
        f'<td class=track aria-hidden=true><div class=bar style="margin-left:{(each.started - start) / whole:.2%};'
        f'width:{seconds / whole:.2%}"></div></td></tr>'
        for each, seconds in ended
    )
    return (
        f"<section><h2>Where the time went</h2><table class=timeline>{bars}"
        f"<tr><th scope=row>All</th><td class=number>{whole:.1f} s</td><td></td></tr></table></section>"
    )
