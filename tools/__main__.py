"""``python -m tools``: commands for a deployed stack, on AWS and on the laptop cloud alike; ``openapi`` needs none.

boto3's ordinary configuration decides where they act: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and so on.
Exit code 0: done. 1: something is left, as told. 2: the command was not understood.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from random import Random

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from lambdas.common.failures import UnavailableError
from lambdas.common.producer import Producer, UndeliveredError
from lambdas.common.settings import MissingSettingsError
from lambdas.log_analysis.adapters.reader import SignatureReader
from lambdas.stream_analytics.contract import ReasonCode
from lambdas.table_etl.contract import ReasonCode as EtlReasonCode
from tools import arguments, enrolment, file_processing, iot_backend, log_analysis, restore, search, stack, table_etl
from tools import console as shown
from tools.backfill import Backfill
from tools.openapi.apis import APIS
from tools.openapi.document import path_of, text_of
from tools.pace import Pace
from tools.produce import Produce, as_json
from tools.redrive import Redrive, Wanted
from tools.redrive_file_processing import FILE_FAILED, INDEX_FAILED, RedriveFileProcessing
from tools.redrive_iot_backend import REASONS as IOT_REASONS
from tools.redrive_iot_backend import RedriveIotBackend
from tools.redrive_log_analysis import DELIVERY_FAILED, RedriveLogAnalysis
from tools.redrive_table_etl import PLAN_FAILED, TASK_FAILED, RedriveTableEtl
from tools.rejects import DISCARDED
from tools.replay import Replay
from tools.samples import SAMPLES
from tools.signatures import Span, top
from tools.stack import ToolError

DONE, LEFT = 0, 1
ANALYTICS_REASONS = (*ReasonCode, DISCARDED)
LOG_REASONS = (DELIVERY_FAILED,)
FILE_REASONS = (FILE_FAILED, INDEX_FAILED)
ETL_REASONS = (*EtlReasonCode, DISCARDED, TASK_FAILED, PLAN_FAILED)


def main(typed: Sequence[str] | None = None) -> int:
    """Runs one command."""
    chosen = _parser().parse_args(typed)
    console = Console(width=None if sys.stdout.isatty() else 160)
    run: Callable[[argparse.Namespace, Console], int] = chosen.run
    try:
        return run(chosen, console)
    except (ToolError, MissingSettingsError) as error:
        print(error, file=sys.stderr)
    except (UnavailableError, UndeliveredError, ClientError, BotoCoreError) as error:
        print(
            f"{error}\nNothing is lost and nothing counts twice: put right what it says, and run the command again.",
            file=sys.stderr,
        )
    return LEFT


def _redrive(chosen: argparse.Namespace, console: Console) -> int:
    """What kind of stack it is shows by its outputs."""
    found = stack.outputs(chosen.stack)
    if table_etl.LOAD_FUNCTION in found:
        return _redrive_table_etl(chosen, console, found)
    if log_analysis.ANALYZER_FUNCTION in found:
        return _redrive_log_analysis(chosen, console, found)
    if iot_backend.TELEMETRY_FUNCTION in found:
        return _redrive_iot_backend(chosen, console, found)
    if file_processing.INBOX_BUCKET in found:
        return _redrive_file_processing(chosen, console, found)
    return _redrive_analytics(chosen, console, found)


def _redrive_analytics(chosen: argparse.Namespace, console: Console, found: Mapping[str, str]) -> int:
    wanted, pace = _wanted(chosen, ANALYTICS_REASONS), _pace(chosen)
    with shown.progress(console) as tell:
        analytics = stack.of_outputs(chosen.stack, found)
        summary = Redrive(analytics, wanted, dry_run=chosen.dry_run, pace=pace, tell=tell).run()
    shown.redriven(console, summary, dry_run=chosen.dry_run)
    return DONE if summary.complete else LEFT


def _redrive_table_etl(chosen: argparse.Namespace, console: Console, found: Mapping[str, str]) -> int:
    wanted, pace = _wanted(chosen, ETL_REASONS), _pace(chosen)
    with shown.progress(console) as tell:
        etl = table_etl.of_outputs(chosen.stack, found)
        summary = RedriveTableEtl(etl, wanted, dry_run=chosen.dry_run, pace=pace, tell=tell).run()
    shown.redriven_whole(console, summary, dry_run=chosen.dry_run)
    return DONE if summary.complete else LEFT


def _redrive_log_analysis(chosen: argparse.Namespace, console: Console, found: Mapping[str, str]) -> int:
    wanted, pace = _wanted(chosen, LOG_REASONS), _pace(chosen)
    analysis = log_analysis.of_outputs(chosen.stack, found)
    summary = RedriveLogAnalysis(analysis, wanted, dry_run=chosen.dry_run, pace=pace).run()
    shown.redriven_whole(console, summary, dry_run=chosen.dry_run)
    return DONE if summary.complete else LEFT


def _redrive_iot_backend(chosen: argparse.Namespace, console: Console, found: Mapping[str, str]) -> int:
    wanted, pace = _wanted(chosen, IOT_REASONS), _pace(chosen)
    with shown.progress(console) as tell:
        backend = iot_backend.of_outputs(chosen.stack, found)
        summary = RedriveIotBackend(backend, wanted, dry_run=chosen.dry_run, pace=pace, tell=tell).run()
    shown.redriven_whole(console, summary, dry_run=chosen.dry_run)
    return DONE if summary.complete else LEFT


def _redrive_file_processing(chosen: argparse.Namespace, console: Console, found: Mapping[str, str]) -> int:
    wanted, pace = _wanted(chosen, FILE_REASONS), _pace(chosen)
    processing = file_processing.of_outputs(chosen.stack, found)
    summary = RedriveFileProcessing(processing, wanted, dry_run=chosen.dry_run, pace=pace).run()
    shown.redriven_whole(console, summary, dry_run=chosen.dry_run)
    return DONE if summary.complete else LEFT


def _wanted(chosen: argparse.Namespace, reasons: Sequence[str]) -> Wanted:
    asked = frozenset(chosen.reason or ())
    if others := sorted(asked.difference(reasons)):
        raise ToolError(f"{chosen.stack!r} has no reason {', '.join(others)}, only {', '.join(sorted(reasons))}.")
    return Wanted(since=chosen.since, until=chosen.until, reasons=asked)


def _pace(chosen: argparse.Namespace) -> Pace | None:
    return Pace(chosen.rate) if chosen.rate else None


def _backfill(chosen: argparse.Namespace, console: Console) -> int:
    with shown.progress(console) as tell:
        summary = Backfill(
            table=chosen.table,
            stack_name=chosen.stack,
            segments=chosen.segments,
            pace=_pace(chosen),
            fresh=chosen.fresh,
            tell=tell,
        ).run()
    shown.backfilled(console, summary)
    return DONE


def _replay(chosen: argparse.Namespace, console: Console) -> int:
    with shown.progress(console) as tell:
        found = stack.find(chosen.stack)
        summary = Replay(found, chosen.since, chosen.until, dry_run=chosen.dry_run, tell=tell).run()
    shown.replayed(console, summary, dry_run=chosen.dry_run)
    return LEFT if summary.undecodable else DONE


def _produce(chosen: argparse.Namespace, console: Console) -> int:
    stream = stack.output(chosen.stack, stack.outputs(chosen.stack), "EventsStreamName")
    producer = Producer(boto3.client("kinesis"), stream)
    random = Random(chosen.seed)  # noqa: S311  sample events
    with shown.progress(console) as tell:
        tally = Produce(
            SAMPLES[chosen.recipe], producer, chosen.rate, chosen.seconds, chosen.packed, random, tell=tell
        ).run()
    if chosen.tally:
        print(json.dumps(as_json(tally)))
    else:
        console.print(
            f"{chosen.rate * chosen.seconds} events put, of which {tally.rejected.total()} are to be rejected, "
            f"{tally.filtered.total()} to be filtered, {tally.repeated.total()} to be taken for repeated."
        )
    return DONE


def _signatures(chosen: argparse.Namespace, console: Console) -> int:
    table = stack.output(chosen.stack, stack.outputs(chosen.stack), log_analysis.SIGNATURES_TABLE)
    reader = SignatureReader(boto3.client("dynamodb"), table)
    known = list(reader.log_groups())
    if strangers := sorted(set(chosen.group or ()).difference(known)):
        raise ToolError(
            f"{chosen.stack!r} analyzes no {', '.join(strangers)}, only {', '.join(known) or 'nothing yet'}."
        )
    span = Span(int(chosen.since.timestamp()) // 60, int(arguments.now().timestamp()) // 60)
    shown.signatures(console, top(reader, span, chosen.group or known, chosen.top))
    return DONE


def _openapi(chosen: argparse.Namespace, console: Console) -> int:
    drifted = [name for name in ([chosen.slice] if chosen.slice else APIS) if _kept(name) != text_of(name)]
    for name in drifted:
        if chosen.check:
            print(f"{path_of(name)} is not what the contract says: run `make openapi`", file=sys.stderr)
        else:
            path_of(name).write_text(text_of(name))
            console.print(f"{path_of(name)} written")
    return LEFT if chosen.check and drifted else DONE


def _kept(name: str) -> str | None:
    path = path_of(name)
    return path.read_text() if path.exists() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    redrive = commands.add_parser("redrive", help="load again what was rejected or given up")
    redrive.set_defaults(run=_redrive)
    redrive.add_argument("stack", help="name of the CloudFormation stack")
    redrive.add_argument(
        "--since",
        type=arguments.moment,
        help="of arrival, ISO 8601, UTC unless it says otherwise; table ETL: by whole days",
    )
    redrive.add_argument("--until", type=arguments.moment, help="of arrival; not included")
    reasons = sorted({*ANALYTICS_REASONS, *ETL_REASONS, *LOG_REASONS, *IOT_REASONS, *FILE_REASONS})
    redrive.add_argument("--reason", action="append", choices=reasons, metavar="REASON", help="may be repeated")
    redrive.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    redrive.add_argument(
        "--rate", type=arguments.positive, help="events, rows, messages or deliveries a second at the most"
    )
    backfill = commands.add_parser("backfill", help="load what is in a table, by the code that loads its changes")
    backfill.set_defaults(run=_backfill)
    backfill.add_argument("table", help="name of the DynamoDB table")
    backfill.add_argument("--stack", default="TableEtl", help="name of the CloudFormation stack; TableEtl")
    backfill.add_argument("--rate", type=arguments.positive, help="read capacity units a second at the most")
    backfill.add_argument("--segments", type=arguments.whole, default=4, help="read side by side; 4")
    backfill.add_argument("--fresh", action="store_true", help="begin anew instead of going on with an unfinished run")
    replay = commands.add_parser("replay", help="compute metrics of whole days anew from the archive")
    replay.set_defaults(run=_replay)
    replay.add_argument("stack", help="name of the CloudFormation stack")
    replay.add_argument("--since", type=arguments.day, required=True, help="first day, YYYY-MM-DD, UTC")
    replay.add_argument("--until", type=arguments.day, required=True, help="day after the last")
    replay.add_argument("--dry-run", action="store_true", help="only tell what the archive holds")
    produce = commands.add_parser("produce", help="put sample events into the events stream")
    produce.set_defaults(run=_produce)
    produce.add_argument("recipe", choices=sorted(SAMPLES))
    produce.add_argument("--rate", type=arguments.whole, default=100, help="events a second; 100")
    produce.add_argument("--seconds", type=arguments.whole, default=10, help="for how long; 10")
    produce.add_argument("--stack", default="StreamAnalytics", help="name of the CloudFormation stack; StreamAnalytics")
    produce.add_argument("--seed", help="equal seeds make equal events but for their times")
    produce.add_argument("--tally", action="store_true", help="print what must be counted, as JSON")
    packing = produce.add_mutually_exclusive_group()
    packing.add_argument("--packed", action="store_true", default=True, help="many events a record; the default")
    packing.add_argument("--plain", action="store_false", dest="packed", help="a record for each event")
    signatures = commands.add_parser("signatures", help="the errors of log groups that happened most, over time")
    signatures.set_defaults(run=_signatures)
    signatures.add_argument("--stack", default="LogAnalysis", help="name of the CloudFormation stack; LogAnalysis")
    signatures.add_argument("--group", action="append", metavar="LOG_GROUP", help="may be repeated; all of them")
    signatures.add_argument(
        "--since", type=arguments.past, default="24h", help="30m, 24h or 7d ago, or a time in ISO 8601; 24h"
    )
    signatures.add_argument("--top", type=arguments.whole, default=20, help="how many; 20")
    enrolment.add_to(commands)
    restore.add_to(commands)
    search.add_to(commands)
    openapi = commands.add_parser("openapi", help="write the OpenAPI documents anew, out of the contracts")
    openapi.set_defaults(run=_openapi)
    openapi.add_argument("slice", nargs="?", choices=[*APIS], help="both, if none is named")
    openapi.add_argument("--check", action="store_true", help="only tell whether one has drifted")
    return parser


if __name__ == "__main__":
    sys.exit(main())
