"""Which flow does a document name that is no flow itself?"""

from typing import Annotated

from flows.nodes import Node
from flows.reader import By, Reader, nearest


def _flow(reader: Reader, node: Node, name: str) -> str:
    text = reader.text(node, name, "the name of a flow")
    if reader.flows is not None and text not in reader.flows:
        raise reader.refuse(node.place, "unknown-target", f"No flow is called `{text}`", nearest(text, reader.flows))
    return text


FlowName = Annotated[str, By(_flow)]
