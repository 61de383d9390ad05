"""Data: tables from files and from built-in sets, encoded and divided for training.

>>> from catenary import data
>>> dataset = data.prepare(data.builtin("moons"))
>>> dataset.train[0].shape, dataset.encoding.target.classes
((350, 2), ('0', '1'))
"""

from catenary.data.builtin import BUILTIN, Description, builtin
from catenary.data.confusion import confusion
from catenary.data.encoding import (
    CategoryColumn,
    ClassTarget,
    Encoding,
    NumberColumn,
    NumberTarget,
)
from catenary.data.prepare import Dataset, prepare
from catenary.data.read import read
from catenary.data.shapes import circles, moons, spirals, xor
from catenary.data.split import Split, split
from catenary.data.table import Table, from_frame
from catenary.data.text_file import TextFormat

__all__ = [
    "BUILTIN",
    "CategoryColumn",
    "ClassTarget",
    "Dataset",
    "Description",
    "Encoding",
    "NumberColumn",
    "NumberTarget",
    "Split",
    "Table",
    "TextFormat",
    "builtin",
    "circles",
    "confusion",
    "from_frame",
    "moons",
    "prepare",
    "read",
    "spirals",
    "split",
    "xor",
]
