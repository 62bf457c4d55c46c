"""The embedded store keeps its data, leaves no orphan, and comes back when it is lost."""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import redis

from adapters.embedded import LOCK_NAME, LONGEST_SOCKET_PATH, EmbeddedStore, EmbeddedStoreFailure

HOLDER = """
import sys, time
from pathlib import Path
from adapters.embedded import EmbeddedStore
with EmbeddedStore(Path(sys.argv[1])) as store:
    print(store.url, store.is_owner, flush=True)
    {then}
"""


@pytest.fixture
def start_holder():
    """Start other processes that hold a store, and end them all."""
    with contextlib.ExitStack() as all_ended:

        def start(folder, then="sys.stdin.read()"):
            process = all_ended.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", HOLDER.format(then=then), str(folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            )
            all_ended.callback(process.kill)
            return process

        yield start


def held_by(process):
    """Wait for another process's store, and return its URL and whether that process owns it."""
    assert select.select([process.stdout], [], [], 30)[0], "the store did not come up"
    url, is_owner = process.stdout.readline().split()
    return url, is_owner == "True"


def client_of(url):
    """Connect without the retries that would hide what the test looks at."""
    return redis.Redis.from_url(url, retry=None)


def wait_until_nothing_lives_in(folder, seconds=10):
    """Wait until neither a server nor a guard holds the folder."""
    end = time.monotonic() + seconds
    with (folder / LOCK_NAME).open("rb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < end, "a server or its guard is still there"
                time.sleep(0.01)
            else:
                return


def server_and_guard(url):
    """Return the process ids of a server and of its guard."""
    with client_of(url) as client:
        server = client.info("server")["process_id"]
    return server, int(Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_data_survives_a_restart(tmp_path):
    """What was written before the end is there at the next start."""
    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        client.set("word", "baton")

    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        found = client.get("word")

    assert found == b"baton"
    wait_until_nothing_lives_in(tmp_path, seconds=0)


def test_it_is_durable_and_answers_on_no_port(tmp_path):
    """Every command is synced, nothing is evicted, and only this user reaches it."""
    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        config = client.config_get("appendonly", "appendfsync", "maxmemory-policy", "port", "unixsocketperm")

    assert config == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "port": "0",
        "unixsocketperm": "700",
    }


@pytest.mark.parametrize("name", ["a folder with spaces", 'it\'s "odd" é %d', "/".join(["long" * 20] * 5)])
def test_any_folder_will_do(tmp_path, name):
    """Its name may hold spaces and quotes, and be far longer than a socket's may."""
    with EmbeddedStore(tmp_path / name) as store, client_of(store.url) as client:
        assert client.ping()

    assert (tmp_path / name / "appendonlydir").is_dir()


def test_a_long_temporary_folder_is_no_obstacle(tmp_path, monkeypatch):
    """The socket then lies in the short one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("t" * LONGEST_SOCKET_PATH)))

    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        assert client.ping()


def test_a_second_process_attaches_and_takes_over(tmp_path, start_holder):
    """Two use one server, and when the owner ends the other starts it again at its next need."""
    owner = start_holder(tmp_path)
    url, owner_owns = held_by(owner)
    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        client.set("word", "baton")
        attached = (store.url, store.is_owner)

        owner.communicate()
        client.close()
        url_after = store.ensure()

        assert owner_owns
        assert attached == (url, False)
        assert (url_after, store.is_owner) == (url, True)
        assert client.get("word") == b"baton"


def test_many_at_once_start_one_server(tmp_path, start_holder):
    """However many begin at the same moment, one owns the server and all see it."""
    begun = [start_holder(tmp_path) for _ in range(3)]

    held = [held_by(process) for process in begun]

    assert sorted(is_owner for _, is_owner in held) == [False, False, True]
    assert len({url for url, _ in held}) == 1


def test_another_temporary_folder_finds_the_same_server(tmp_path, start_holder, monkeypatch):
    """Where the socket lies is asked of the folder, not guessed."""
    url, _ = held_by(start_holder(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with EmbeddedStore(tmp_path) as store:
        assert store.url == url


@pytest.mark.skipif(sys.platform != "linux", reason="finds the guard in /proc")
@pytest.mark.parametrize("victim", ["owner", "guard", "server", "owner and guard"])
def test_no_orphan_survives_a_kill(tmp_path, start_holder, victim):
    """Whoever is killed, nothing is left after a moment, and the data is there for the next."""
    owner = start_holder(tmp_path)
    url, _ = held_by(owner)
    with client_of(url) as client:
        client.set("word", "baton")
    server, guard = server_and_guard(url)

    victims = {"owner": [owner.pid], "guard": [guard], "server": [server], "owner and guard": [owner.pid, guard]}
    for process in victims[victim]:
        os.kill(process, signal.SIGKILL)
    wait_until_nothing_lives_in(tmp_path)

    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        assert client.get("word") == b"baton"


def test_a_forked_child_does_not_keep_the_server(tmp_path, start_holder):
    """RQ forks; a child that outlives its killed parent must not look like an owner."""
    fork = "import os; child = os.fork(); (print(child, flush=True) or sys.stdin.read()) if child else time.sleep(60)"
    owner = start_holder(tmp_path, then=fork)
    held_by(owner)
    child = int(owner.stdout.readline())

    owner.kill()
    try:
        wait_until_nothing_lives_in(tmp_path)
    finally:
        os.kill(child, signal.SIGKILL)


def test_ctrl_c_does_not_reach_the_server_first(tmp_path, start_holder):
    """The terminal tells everyone in the owner's group; the store goes on until the owner is done with it."""
    ignore = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True); sys.stdin.read()"
    owner = start_holder(tmp_path, then=ignore)
    url, _ = held_by(owner)
    owner.stdout.readline()

    os.killpg(owner.pid, signal.SIGINT)
    time.sleep(0.1)

    with client_of(url) as client:
        assert client.ping()


def test_ensure_costs_nothing_while_the_store_answers(tmp_path):
    """It may be called as often as one likes, and starts nothing anew."""
    with EmbeddedStore(tmp_path) as store, client_of(store.url) as client:
        before = client.info("server")["run_id"]
        store.ensure()

        assert client.info("server")["run_id"] == before


def test_a_store_that_cannot_start_says_why(tmp_path):
    """One sentence with the last line of its log, not a traceback."""
    (tmp_path / "appendonlydir").write_text("not a folder")

    with pytest.raises(EmbeddedStoreFailure) as raised:
        EmbeddedStore(tmp_path).ensure()

    assert str(raised.value).startswith(
        f"The store in `{tmp_path}` ended while starting. The last line of its store.log:"
    )
    assert "appendonlydir" in str(raised.value)


def test_a_folder_that_cannot_be_made_is_told_by_its_setting(tmp_path):
    """The sentence names `BATON_DATA`."""
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedStoreFailure, match=r"Not a directory\. Set `BATON_DATA` to a folder"):
        EmbeddedStore(tmp_path / "file" / "data").ensure()


def test_a_temporary_folder_that_others_may_enter_is_refused(tmp_path, monkeypatch):
    """Whoever made that folder could put a store of their own in our place."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"baton-{os.getuid()}").mkdir()
    (tmp_path / f"baton-{os.getuid()}").chmod(0o777)

    with pytest.raises(EmbeddedStoreFailure, match="a folder that only you may enter"):
        EmbeddedStore(tmp_path / "data").ensure()


def test_a_machine_without_the_wheel_is_told_the_setting(tmp_path, monkeypatch):
    """Where no server comes with Baton, the operator names one."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(EmbeddedStoreFailure, match=r"set `BATON_REDIS_URL` to a Redis 7\.0 or Valkey server"):
        EmbeddedStore(tmp_path).ensure()
