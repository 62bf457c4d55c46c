"""Is another system asked that cannot prove to be the one that was meant?"""

import asyncio
import shutil
import ssl
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")

TOP = Path(__file__).parents[2]
EXTENSIONS = {"127.0.0.1": "subjectAltName=IP:127.0.0.1", "elsewhere": "subjectAltName=DNS:elsewhere.example"}
ASKS = """
import asyncio, sys
from datetime import timedelta
from adapters.hosts import Hosts
from adapters.outside import Outside
from engine.request import Request
from rules.policy.restrictions import DEFAULT, Path, clear

def ask(port):
    here, there = "5511912345678", ("5511987650001",)
    cleared = clear(Path.HTTP, business_phone=here, coexistence=True, phones=there, bsuids=(), lists=DEFAULT)
    made = Request(method="GET", url=(f"https://127.0.0.1:{port}/",), timeout=timedelta(seconds=5))
    return asyncio.run(Outside(Hosts([f"127.0.0.1:{port}"]), {}).ask(cleared, made, "key"))

for port in sys.argv[1:]:
    print(type(ask(port)).__name__)
"""


def openssl(folder: Path, *arguments: str) -> None:
    """Make something in a folder."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607 - of this machine


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a certificate for each case, `ca.pem`, whom this machine shall believe, and `key.pem`."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, text in EXTENSIONS.items():
        (folder / name).write_text(text)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ours")
    openssl(folder, "req", *curve, "-keyout", "key.pem", "-out", "asked", "-subj", "/CN=127.0.0.1")
    signed = ("x509", "-req", "-in", "asked", "-CA", "ca.pem", "-CAkey", "ca.key")
    openssl(folder, *signed, "-days", "2", "-extfile", "127.0.0.1", "-out", "good.pem")
    openssl(folder, *signed, "-days", "-1", "-extfile", "127.0.0.1", "-out", "expired.pem")
    openssl(folder, *signed, "-days", "2", "-extfile", "elsewhere", "-out", "another's.pem")
    itself = ("x509", "-req", "-in", "asked", "-signkey", "key.pem", "-days", "2", "-extfile", "127.0.0.1")
    openssl(folder, *itself, "-out", "its own.pem")
    return folder


def test_only_who_proves_to_be_the_one_is_asked(certificates):
    """One whose certificate has run out, is another's or nobody's has got nothing, and no flow can change that."""
    asked: list[str] = []

    async def scene() -> list[str]:
        async with AsyncExitStack() as sites:
            ports = [await _site(sites, certificates, name, asked) for name in FOUND]
            environ = {"SSL_CERT_FILE": str(certificates / "ca.pem"), "PYTHONPATH": str(TOP)}
            command = (sys.executable, "-c", ASKS, *map(str, ports))
            program = await asyncio.create_subprocess_exec(*command, env=environ, stdout=subprocess.PIPE)
            said, _ = await program.communicate()
            return said.decode().split()

    assert dict(zip(FOUND, asyncio.run(scene()), strict=True)) == FOUND
    assert asked == ["good"]


FOUND = {"good": "Answered", "expired": "NotSent", "another's": "NotSent", "its own": "NotSent"}


async def _site(sites: AsyncExitStack, folder: Path, name: str, asked: list[str]) -> int:
    async def answer(_: web.Request) -> web.Response:
        asked.append(name)
        return web.json_response({})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}.pem", folder / "key.pem")
    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    sites.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return int(runner.addresses[0][1])
