"""CloudFormation templates as people read them: names for logical ids, text for intrinsic functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HASHES = re.compile(r"([0-9a-f]{32})?([0-9A-F]{8})+$|(?<=CurrentVersion)[0-9A-F]{8}[0-9a-f]{32}$")
_ASSET = re.compile(r"^[0-9a-f]{64}\.zip$")

_FOR_STACKS = "PublishOutput"
"""Outputs that the CDK adds for other stacks to read begin so; then follow function, resource and attribute."""
_FOREIGN = re.compile(rf"{_FOR_STACKS}(?:FnGetAtt|Ref)(.+?)[0-9A-F]{{8}}([A-Za-z]*)[0-9A-F]{{8}}")


@dataclass(frozen=True)
class Template:
    """A readable template: ``${ImageProcessingUploads.Arn}/*`` instead of ``Fn::Join`` over ``Fn::GetAtt``."""

    resources: dict[str, dict[str, Any]]
    outputs: dict[str, Any]

    @staticmethod
    def of(raw: Mapping[str, Any]) -> Template:
        """Readable form of a synthesized template."""
        names = _names(raw["Resources"])
        return Template(
            resources={names[key]: _readable(value, names) for key, value in raw["Resources"].items()},
            outputs={
                key: _readable(value["Value"], names)
                for key, value in raw.get("Outputs", {}).items()
                if not key.startswith(_FOR_STACKS)
            },
        )

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of each resource of a type, by name."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def properties(self, name: str) -> dict[str, Any]:
        """Properties of one resource."""
        properties: dict[str, Any] = self.resources[name]["Properties"]
        return properties

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Every statement of every policy of a role; actions and resources are lists, ``Allow`` is left out."""
        own = self.properties(role).get("Policies", [])
        attached = [each for each in self.of_type("AWS::IAM::Policy").values() if f"${{{role}}}" in each["Roles"]]
        return [
            {
                **{key: value for key, value in statement.items() if (key, value) != ("Effect", "Allow")},
                "Action": as_list(statement["Action"]),
                "Resource": as_list(statement["Resource"]),
            }
            for policy in (*own, *attached)
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def snapshot(self) -> str:
        """Text whose differences show intent: no hashes of code, nothing that only a new CDK changes."""
        return json.dumps({"Resources": self.resources, "Outputs": self.outputs}, indent=2, sort_keys=True) + "\n"


def as_list(value: Any) -> list[Any]:
    """CloudFormation writes lists of one as the one."""
    return value if isinstance(value, list) else [value]


def _names(resources: Mapping[str, Any]) -> dict[str, str]:
    """Name by logical id: the id without its hashes, unless two would then be the same."""
    short = {key: _HASHES.sub("", key) for key in resources}
    taken = list(short.values())
    return {key: name if taken.count(name) == 1 else key for key, name in short.items()}


def _readable(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": str(target)}:
            return f"${{{names.get(target, target)}}}"
        case {"Fn::GetAtt": [str(target), str(attribute)]}:
            return f"${{{names.get(target, target)}.{attribute}}}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(_readable(part, names)) for part in parts)
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(output)}}:
            found = _FOREIGN.fullmatch(output)
            return f"${{{stack}/{'.'.join(filter(None, found.groups())) if found else output}}}"
        case dict():
            return {key: _property(key, _readable(each, names)) for key, each in value.items()}
        case list():
            return [_readable(each, names) for each in value]
        case str():
            return names.get(value, value)
        case _:
            return value


def _property(key: str, value: Any) -> Any:
    match key, value:
        case "S3Key", str() if _ASSET.match(value):
            return "<asset>.zip"
        case "SourceObjectKeys", list():
            return [_property("S3Key", each) for each in value]
        case "ZipFile", str():
            return "<the CDK's own code>"
        case "DashboardBody", str():
            return json.loads(value)
        case _:
            return value
