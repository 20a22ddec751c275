"""``search``: what the full-text index of a file processing stack finds, as its function tells."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from lambdas.file_processing.contract.search import MAX_HITS, SearchRequest, SearchResult
from tools import arguments, functions, stack
from tools.stack import ToolError

FUNCTION = "SearchFunctionName"


def add_to(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("search", help="full-text search over everything that was uploaded")
    parser.set_defaults(run=_search)
    parser.add_argument("query", help='words, "phrases", -without, name:beginning')
    parser.add_argument("--stack", default="FileProcessing", help="name of the CloudFormation stack; FileProcessing")
    parser.add_argument("--limit", type=arguments.whole, default=10, help=f"files at the most, up to {MAX_HITS}; 10")


def _search(chosen: argparse.Namespace, console: Console) -> int:
    function = stack.output(chosen.stack, stack.outputs(chosen.stack), FUNCTION)
    request = SearchRequest(query=chosen.query, limit=chosen.limit)
    try:
        said: Any = functions.invoke(functions.client(), function, msgspec.json.encode(request))
    except functions.FunctionFailedError as error:
        raise ToolError(f"{error}: try again; the function's log tells more.") from error
    if "error" in said:
        raise ToolError(said["error"])
    _show(console, msgspec.convert(said, SearchResult))
    return 0


def _show(console: Console, found: SearchResult) -> None:
    for hit in found.hits:
        name, title = _harmless(hit.name), _harmless(hit.title or "")
        console.print(Text.assemble((name, "bold"), f"  {title}  ", (f"{hit.kind} {hit.score:.2f}", "dim")))
        if hit.snippet:
            snippet = Text(_harmless(hit.snippet))
            for start, end in hit.highlights:
                snippet.stylize("bold yellow", start, end)
            console.print(Text("    ") + snippet)
    console.print(f"{len(found.hits)} of {found.total:,} files, {found.took_ms:.0f} ms", highlight=False, style="dim")


def _harmless(text: str) -> str:
    """In one line, and as long as before: whoever names a file must not command the terminal of who finds it."""
    return "".join(each if each.isprintable() else " " if each.isspace() else "\ufffd" for each in text)
