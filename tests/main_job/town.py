"""Baton's real processes, a fake Meta, and people who write: what a test of the whole needs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from adapters.whatsapp import meta
from adapters.whatsapp.fake import FakeGraph
from adapters.whatsapp.fake_send import Received
from adapters.whatsapp.fake_settings import Settings as GraphSettings
from adapters.whatsapp.meta import Line, Meta, Person

TOP = Path(__file__).parents[2]
LINE = Line("106540352242922", "+55 11 91234-5678", "102290129340398")
SECRETS = {"BATON_APP_SECRET": "a-secret", "BATON_VERIFY_TOKEN": "a-word", "BATON_ACCESS_TOKEN": "a-token"}
PATIENCE_S = 30.0


class Town:
    """Web and workers as a user starts them, on an own store; the fake Graph runs in this process."""

    def __init__(self, store_url: str, port: int, logs: Path, **environ: str) -> None:
        """Nothing runs yet; without a store's URL Baton brings its own. `environ` is for every process."""
        self.store_url = store_url
        self.environ = environ
        self.sources = TOP
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.processes: list[subprocess.Popen[bytes]] = []
        self.graph = FakeGraph(
            GraphSettings(callback_url=f"{self.url}/webhook", app_secret=SECRETS["BATON_APP_SECRET"])
        )
        self.meta = Meta(f"{self.url}/webhook", SECRETS["BATON_APP_SECRET"])
        self.graph_url = ""
        self._log = logs.open("ab")

    async def start(self, folder: Path, workers: int = 1) -> None:
        """Start everything and wait until webhooks would be taken."""
        self.graph_url = await self.graph.start()
        self.serve(folder)
        await self.until(self.is_ready)
        for _ in range(workers):
            self.work()

    def serve(self, folder: Path) -> "subprocess.Popen[bytes]":
        """Start `baton serve`."""
        return self._baton("serve", str(folder), "--port", str(self.port))

    def run(self, folder: Path) -> "subprocess.Popen[bytes]":
        """Start `baton run`."""
        return self._baton("run", str(folder), "--port", str(self.port))

    def work(self, processes: int = 1) -> "subprocess.Popen[bytes]":
        """Start `baton work`."""
        return self._baton("work", "--processes", str(processes))

    async def does(self, *arguments: str) -> str:
        """Run a command of Baton to its end, and return all that it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.cli", *arguments),
            env=self._environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def stop(self) -> None:
        """End every process, cleanly first."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                await asyncio.to_thread(process.wait, 45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        await self.graph.stop()
        self._log.close()

    async def is_ready(self) -> bool:
        """Tell whether the web process says so."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def until(self, holds: Callable[[], Awaitable[bool] | bool], seconds: float = PATIENCE_S) -> None:
        """Wait until something holds."""
        ends_at = time.monotonic() + seconds
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            assert time.monotonic() < ends_at, f"waited {seconds} s in vain for {holds}"
            await asyncio.sleep(0.02)

    async def writes(self, person: Person, text: str, **more: Any) -> int:
        """Let a contact write; returns the HTTP status."""
        self.graph.contact_wrote(LINE.phone_number_id, person)
        return await self.meta.post(meta.text_message(LINE, person, text, at=datetime.now(UTC), **more))

    async def echoes(self, person: Person, text: str) -> int:
        """Let the owner write to a contact in the app; returns the HTTP status."""
        return await self.meta.post(meta.echo(LINE, person, text, at=datetime.now(UTC)))

    def heard_by(self, person: Person) -> list[Received]:
        """Return what was sent to a contact, in the order of arrival."""
        return [each for each in self.graph.received if is_for(each, person)]

    def _environ(self) -> dict[str, str]:
        return {
            **os.environ,
            **SECRETS,
            "BATON_REDIS_URL": self.store_url,
            "BATON_GRAPH_URL": self.graph_url,
            "PYTHONPATH": str(self.sources),
            **self.environ,
        }

    def _baton(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "adapters.cli", *arguments]
        process = subprocess.Popen(command, env=self._environ(), cwd=self.sources, stdout=self._log, stderr=self._log)
        self.processes.append(process)
        return process


def is_for(received: Received, person: Person) -> bool:
    """Tell whether a POST was for a contact."""
    to = received.body.get("to", "").lstrip("+")
    return to == person.phone if person.phone else received.body.get("recipient") == person.bsuid


def said(received: Received) -> str:
    """Return the words of a POST."""
    body = received.body
    match body.get("type"):
        case "text":
            return str(body["text"]["body"])
        case "interactive":
            return str(body["interactive"]["body"]["text"])
        case "template":
            return f"template {body['template']['name']}"
        case kind:
            return str(kind)
