"""What is told of a restore check that found something."""

from __future__ import annotations

from lambdas.backups.contract import resource_name, run_id
from lambdas.backups.contract.records import Check, CheckResult
from lambdas.backups.domain.reports import Report

_MOST_REASON = 2_000
"""Characters."""


def difference(check: Check) -> str:
    """How the restored table differs from the export; empty if it does not."""
    restored, exported = check.scratch, check.export
    if restored == exported:
        return ""
    if restored.items != exported.items:
        return f"the restored table has {restored.items:,} items, and the export has {exported.items:,}"
    return f"both have {restored.items:,} items, but not the same ones"


def check_report(check: Check) -> Report:
    """Of a check that is not equal."""
    table, backup = resource_name(check.backup.resource), check.backup
    found = "differs from its export" if check.result is CheckResult.DIFFERENT else "could not be checked"
    lines = [
        f"The backup {run_id(backup.policy, backup.slot)} of the table {table} {found}: {check.reason[:_MOST_REASON]}.",
        f"Restored: {check.scratch.items:,} items, digest {check.scratch.digest}.",
        f"Exported: {check.export.items:,} items, digest {check.export.digest}, {backup.export_key}.",
    ]
    if check.left:
        lines.append(f"The table {check.scratch_table} is left, and costs: delete it.")
    return Report(f"Restore check {check.slot}: {table} {found}"[:100], "\n".join(lines) + "\n")
