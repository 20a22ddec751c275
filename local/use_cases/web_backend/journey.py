"""Two people at the website's API, at the website, and in a browser."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.cloud import Cloud, Outputs
from local.use_cases import chapters
from local.use_cases.chapters import Chapter, Shown, told
from local.use_cases.outcome import Card, Outcome
from local.use_cases.people import CODE
from local.use_cases.web_backend import browser, items, pictures, shopping, stream, website
from local.use_cases.web_backend.pictures import Hung
from local.use_cases.web_backend.visit import STACK, Visit


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Signs up, uploads, edits, orders, watches; everything by HTTP as a client has it.

    Their addresses have to be new, so a cloud lets it happen once.
    """
    journal = cloud.journal
    with journal.phase("web: sign up"):
        visit = Visit.of(cloud, directory)
    gallery: list[Hung] = []
    with journal.phase("web: pictures and items"), ThreadPoolExecutor(2) as pool:
        # What others make of pictures and events takes a while, and comes by itself.
        hanging = pool.submit(_told, "Pictures", pictures.uploaded, visit, gallery)
        watching = pool.submit(_told, "A metric of the stream", stream.series, visit)
        first = [
            _told("The life of an item", items.life_of_an_item, visit),
            _told("What is refused", items.refusals, visit),
            _told("The website through CloudFront", website.served, visit),
        ]
        hung, watched = hanging.result(), watching.result()
    with journal.phase("web: feed and order"):
        bought = [
            _told("What to look at", shopping.feed, visit, gallery),
            _told("An order", shopping.order, visit, gallery),
        ]
    with journal.phase("web: browser"):
        seen = _seen(visit, len(gallery))
    every = [seen, hung, *first, *bought, watched]
    return Outcome(
        input=f"{sum(each.requests for each in every)} requests of two people, {len(gallery)} pictures, an order",
        output=f"{sum(each.card.good for each in every)} of {len(every)} chapters as they should be",
        problems=chapters.problems(every),
        cards=tuple(each.card for each in every),
    )


def _told(title: str, story: Callable[..., Shown], visit: Visit, *more: object) -> Chapter:
    return told(title, lambda transcript: story(visit, transcript, *more))


def _seen(visit: Visit, pictures_shown: int) -> Chapter:
    title, program = "The page in Chromium", browser.chromium()
    if program:
        return _told(title, browser.screenshots, visit, program, pictures_shown)
    card = Card(title=title, status="not looked at", good=True, facts=(("Why", browser.MISSING),))
    return Chapter(card, (), 0)


def example(outputs: Outputs) -> str:
    """Where the page is, and how to sign in there; and a request without a browser."""
    own = outputs[STACK]
    return "\n".join(
        [
            f"# Open {own['WebsiteUrl']} and create an account: any address, code {CODE}. Or without a browser:",
            f"curl --include {own['ApiUrl']}/health",
            f"curl --silent {own['ApiUrl']}/openapi.json",
        ]
    )
