"""Values of the metrics table that estimate, with a stated error: distinct strings, quantiles, most frequent strings.

Sketches of Apache DataSketches (https://datasketches.apache.org) and DDSketch (Masson, Rim, Lee: "DDSketch: a fast and
fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import msgspec
from ddsketch.mapping import LogarithmicMapping

from lambdas.common.tables.metrics.aggregates import Aggregate, Attributes
from lambdas.common.tables.metrics.native import datasketches

# --- distinct strings -----------------------------------------------------------------------------------------------

_LG_K = 12
_COUPON_BYTES = 4
_HLL_PREAMBLE_WORDS = 10


@dataclass(frozen=True)
class Distinct(Aggregate):
    """How many different strings there were: HyperLogLog with 4,096 registers, equal bytes for equal sets.

    Up to 384 strings nearly exact (they are kept as 26-bit hashes); beyond, the relative standard error is
    1.04/sqrt(4096) = 1.6 %: ``HLL_NON_HIP_RSE_FACTOR`` = 1.03896 in DataSketches' HllUtil.hpp. A sketch that was never
    merged could be asked with 0.8326/sqrt(4096) = 1.3 % (``HLL_HIP_RSE_FACTOR``), but that answer depends on the order
    of insertion: a replay would differ.
    """

    kind: ClassVar[str] = "distinct"
    sketch: bytes
    """HLL_4 in DataSketches' compact form, made canonical."""

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """The empty string counts as U+0000."""
        sketch = datasketches.hll_sketch(_LG_K, datasketches.tgt_hll_type.HLL_8)
        update = sketch.update
        for value in set(values):
            update(value or "\0")  # DataSketches ignores empty strings
        return cls(_canonical(sketch))

    @property
    def estimate(self) -> float:
        """Number of different strings."""
        return float(datasketches.hll_sketch.deserialize(self.sketch).get_estimate())

    def merge(self, other: Self) -> Self:
        return type(self)(_canonical(*map(datasketches.hll_sketch.deserialize, (self.sketch, other.sketch))))

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        """With the rounded estimate, for whoever looks at the table; readers take the sketch."""
        return {
            "kind": {"S": self.kind},
            "estimate": {"N": str(round(self.estimate))},
            "sketch": {"B": self.sketch},
        }

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        return cls(attributes["sketch"]["B"])


def _canonical(*sketches: Any) -> bytes:
    """Union in bytes that the set of strings alone decides."""
    union = datasketches.hll_union(_LG_K)
    for sketch in sketches:
        union.update(sketch)
    # Merging registers with themselves changes none, but drops what depends on order: the HIP estimator's accumulator.
    union.update(union.get_result(datasketches.tgt_hll_type.HLL_8))
    data: bytes = union.get_result(datasketches.tgt_hll_type.HLL_4).serialize_compact()
    preamble_words = data[0]
    if preamble_words == _HLL_PREAMBLE_WORDS:
        return data
    # A small sketch is a preamble and its hashes, in the order of a list or a hash table; any order is read back.
    start = preamble_words * 4
    coupons = sorted(data[at : at + _COUPON_BYTES] for at in range(start, len(data), _COUPON_BYTES))
    return data[:start] + b"".join(coupons)


# --- quantiles ------------------------------------------------------------------------------------------------------

_MAPPING = LogarithmicMapping(0.01)


@dataclass(frozen=True)
class Quantiles(Aggregate):
    """Quantiles of numbers from 0 up, such as durations: DDSketch, each answer within 1 % of the value at its rank.

    Counts per bin of a logarithmic mapping, without limit on bins: 2,000 bins reach from one nanosecond to ten years.
    """

    kind: ClassVar[str] = "quantiles"
    zeros: int
    bins: Mapping[int, int]
    """Count of values by key of the mapping; none is 0."""

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Raises ValueError for negative numbers, infinity and NaN."""
        zeros = 0
        bins: dict[int, int] = {}
        key_of, least, greatest = _MAPPING.key, _MAPPING.min_possible, _MAPPING.max_possible
        for value, count in Counter(values).items():
            if not 0 <= value <= greatest:
                raise ValueError(f"{value} has no quantiles here: reject what is not from 0 to {greatest:.3g}")
            if value <= least:
                zeros += count
            else:
                key = key_of(value)
                bins[key] = bins.get(key, 0) + count
        return cls(zeros, bins)

    @property
    def count(self) -> int:
        """How many values there were."""
        return self.zeros + sum(self.bins.values())

    def quantile(self, q: float) -> float:
        """The value at rank ``floor(q * (count - 1))`` of the values sorted from rank 0, within 1 %.

        As `DDSketch.get_quantile_value` answers. Raises ValueError for ``q`` outside 0 to 1, and without values.
        """
        count = self.count
        if not 0 <= q <= 1 or not count:
            raise ValueError(f"no quantile {q} of {count} values: ask for 0 to 1 of at least one value")
        rank = q * (count - 1)
        below = self.zeros
        if rank < below:
            return 0.0
        for key in sorted(self.bins):
            below += self.bins[key]
            if below > rank:
                return float(_MAPPING.value(key))
        raise AssertionError("a rank is below the count")

    def merge(self, other: Self) -> Self:
        bins = dict(self.bins)
        for key, count in other.bins.items():
            bins[key] = bins.get(key, 0) + count
        return type(self)(self.zeros + other.zeros, bins)

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        """``bins`` is a MessagePack list: the distance of each key from the one before, and its count, by turns."""
        packed: list[int] = []
        previous = 0
        for key in sorted(self.bins):
            packed += (key - previous, self.bins[key])
            previous = key
        return {
            "kind": {"S": self.kind},
            "count": {"N": str(self.count)},
            "zeros": {"N": str(self.zeros)},
            "bins": {"B": msgspec.msgpack.encode(packed)},
        }

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        packed = msgspec.msgpack.decode(attributes["bins"]["B"], type=list[int])
        bins: dict[int, int] = {}
        key = 0
        for distance, count in zip(packed[::2], packed[1::2], strict=True):
            key += distance
            bins[key] = count
        return cls(int(attributes["zeros"]["N"]), bins)


# --- most frequent strings ------------------------------------------------------------------------------------------

_LG_MAX_MAP_SIZE = 8
MAX_NAME = 256
"""Characters of a string in `Top`, so that an item stays below DynamoDB's 400 KB."""
_ABSENT = "\0" * (MAX_NAME + 1)


class Frequent(NamedTuple):
    """A string and its count: the true one lies between the bounds, both included."""

    name: str
    estimate: int
    lower: int
    upper: int


@dataclass(frozen=True)
class Top(Aggregate):
    """The most frequent strings: the frequent items sketch with at most 192 counters (0.75 of 2^8).

    Exact as long as there were no more than 192 different strings, and then equal however they were merged. Beyond,
    counts have bounds, at most 3.5/256 = 1.4 % of the total weight apart (``get_epsilon`` of DataSketches'
    frequent_items_sketch.hpp; Anderson et al.: "A High-Performance Algorithm for Identifying Frequent Items in Data
    Streams", 2017), and which counts within the bounds are answered depends on how events were cut and merged.
    """

    kind: ClassVar[str] = "top"
    weight: int
    """Sum of all counts."""
    max_error: int
    """The most that any count was lowered by, and that a string which is not listed can have."""
    sketch: bytes
    """DataSketches' frequent strings. Weight and error are kept beside it since it forgets both when it has no
    counters left, as after 193 different strings of the same count."""

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Raises ValueError for counts below 1 and strings of more than 256 characters."""
        if counts and (min(counts.values()) < 1 or max(map(len, counts)) > MAX_NAME):
            bad = next(name for name, count in counts.items() if count < 1 or len(name) > MAX_NAME)
            raise ValueError(f"{bad[:40]!r}, {counts[bad]}: a count is 1 or more, and a name at most {MAX_NAME} long")
        # The order decides the bytes and, beyond the capacity, the error, which is smaller if small counts go first.
        names = sorted(counts)
        names.sort(key=counts.__getitem__)
        sketch = datasketches.frequent_strings_sketch(_LG_MAX_MAP_SIZE)
        for name in names:
            sketch.update(name, counts[name])
        return cls(sum(counts.values()), _offset(sketch), sketch.serialize())

    @property
    def exact(self) -> bool:
        """Whether every string is listed with its true count."""
        return self.max_error == 0

    def items(self) -> list[Frequent]:
        """Every string that is kept, most frequent first, equal ones by name. The estimate is the upper bound."""
        kept = self._counters()
        error = self.max_error
        ranked = sorted(kept.items(), key=lambda each: (-each[1], each[0]))
        return [Frequent(name, lower + error, lower, lower + error) for name, lower in ranked]

    def merge(self, other: Self) -> Self:
        if self.exact and other.exact:
            return self.of(Counter(self._counters()) + Counter(other._counters()))
        one, two = (
            datasketches.frequent_strings_sketch.deserialize(data) for data in sorted((self.sketch, other.sketch))
        )
        before = _offset(one) + _offset(two)
        one.merge(two)
        error = self.max_error + other.max_error + _offset(one) - before
        return type(self)(self.weight + other.weight, error, one.serialize())

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        return {
            "kind": {"S": self.kind},
            "weight": {"N": str(self.weight)},
            "max_error": {"N": str(self.max_error)},
            "sketch": {"B": self.sketch},
        }

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        return cls(int(attributes["weight"]["N"]), int(attributes["max_error"]["N"]), attributes["sketch"]["B"])

    def _counters(self) -> dict[str, int]:
        """Lower bound of each string that is kept."""
        sketch = datasketches.frequent_strings_sketch.deserialize(self.sketch)
        rows = sketch.get_frequent_items(datasketches.frequent_items_error_type.NO_FALSE_NEGATIVES)
        return {name: lower for name, _, lower, _ in rows}


def _offset(sketch: Any) -> int:
    """How much the sketch has lowered its counters: the upper bound of a string that it cannot hold."""
    return int(sketch.get_upper_bound(_ABSENT))


KINDS: dict[str, type[Aggregate]] = {each.kind: each for each in (Distinct, Quantiles, Top)}
