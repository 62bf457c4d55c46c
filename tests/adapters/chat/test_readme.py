"""Does the chat in the README go as it is printed there?"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[3]
PROMPT = "Ana › "


def test_the_chat_of_the_readme(tmp_path: Path):
    """What was typed is typed again, and the same comes of it."""
    (session,) = re.findall(r"```\n\$ (baton chat .*?)```", (TOP / "README.md").read_text("utf-8"), re.DOTALL)
    command, _, printed = session.partition("\n")
    shutil.copytree(TOP / "examples", tmp_path / "examples")
    typed = [line.removeprefix(PROMPT) for line in printed.splitlines() if line.startswith(PROMPT)]

    done = subprocess.run(
        [sys.executable, "-m", "adapters.cli", *shlex.split(command)[1:]],
        cwd=tmp_path,
        input="\n".join(typed),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == printed
