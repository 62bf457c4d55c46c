"""What do editors see in a YAML file: plain data, typed as YAML 1.2 does it."""

import re

from flows.document import parse
from flows.nodes import Map, Scalar

NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
WORDS = {"true": True, "false": False, "null": None, "~": None}


def documents(text: str):
    """Read every document of a text."""
    parsed = parse(text)
    assert parsed.mistakes == ()
    return [data(document.root) for document in parsed.documents]


def data(node):
    """Turn a value with its place into the value alone."""
    if isinstance(node, Scalar):
        return scalar(node)
    if isinstance(node, Map):
        return {key: data(value) for key, value in node.items.items()}
    return [data(each) for each in node.items]


def scalar(node: Scalar):
    """Take what is not in quotes for a number or a word where it looks like one."""
    text = node.text
    if text is None or not node.is_plain:
        return text
    if NUMBER.fullmatch(text):
        return float(text) if set(text) & set(".eE") else int(text)
    return WORDS.get(text, text)
