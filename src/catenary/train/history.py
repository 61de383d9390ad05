"""What happened while a network was trained: one row for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from catenary.nn.table import table

Column = NDArray[np.float64]


class Epoch(NamedTuple):
    """One row: the cost while training, the cost of the validation data, metrics, seconds.

    >>> Epoch(0.5, 0.625, {"accuracy": 0.75}, 0.01).metrics["accuracy"]
    0.75
    """

    cost: float
    validation_cost: float
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """The course of a training; row i tells of epoch i + 1.

    ``cost`` is the mean over the epoch's examples, each measured before the step that it led
    to; ``validation_cost`` is measured after the epoch and is NaN without validation data;
    ``metrics`` holds a column for each metric, ``seconds`` the time each epoch took. All columns
    are float64 arrays of shape (epochs,).

    >>> History.of([Epoch(2.0, 2.5, {"accuracy": 0.5}, 0.1), Epoch(1.0, 1.5, {}, 0.2)])
    epoch  cost  validation cost  accuracy  seconds
    -----  ----  ---------------  --------  -------
        1     2              2.5       0.5      0.1
        2     1              1.5       nan      0.2
    """

    cost: Column
    validation_cost: Column
    metrics: Mapping[str, Column]
    seconds: Column

    @classmethod
    def of(cls, rows: Iterable[Epoch]) -> History:
        """The columns of these rows; a metric that a row lacks is NaN there."""
        rows = list(rows)
        names = dict.fromkeys(name for row in rows for name in row.metrics)
        return cls(
            np.array([row.cost for row in rows]),
            np.array([row.validation_cost for row in rows]),
            {n: np.array([row.metrics.get(n, np.nan) for row in rows]) for n in names},
            np.array([row.seconds for row in rows]),
        )

    def rows(self) -> list[Epoch]:
        """The rows that :meth:`of` takes."""
        return [
            Epoch(
                float(self.cost[i]),
                float(self.validation_cost[i]),
                {name: float(column[i]) for name, column in self.metrics.items()},
                float(self.seconds[i]),
            )
            for i in range(len(self))
        ]

    def __len__(self) -> int:
        return len(self.cost)

    def __repr__(self) -> str:
        columns: dict[str, Any] = {"cost": self.cost}
        if not np.isnan(self.validation_cost).all():
            columns["validation cost"] = self.validation_cost
        columns |= {**self.metrics, "seconds": self.seconds}
        rows = [
            [str(i + 1), *(f"{column[i]:.4g}" for column in columns.values())]
            for i in range(len(self))
        ]
        if len(rows) > _SHOWN:
            rows[_SHOWN // 2 : -_SHOWN // 2] = [["..."] * (len(columns) + 1)]
        return table(["epoch", *columns], rows, left=0)


_SHOWN = 10
