"""Do the benchmarks run and print their figures? How large those are is no business of a test."""

import pytest

from tests.benchmarks import conditions, decide, faq, growth, hostile, ingest, load, send, shares, timers
from tests.benchmarks.figures import busiest_second, percentile
from tests.benchmarks.peers import PEERS


def test_the_ingest_benchmark_prints_its_figures(capsys):
    """A few webhooks are enough to see every line."""
    few = ("--requests", "40", "--repetitions", "1", "--warm-up", "10", "--offered", "20", "--rate", "200")

    assert ingest.main(few) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("bare handler", "Baton's door", "and decisions", "of bare", "p99 ms"))


def test_the_send_benchmark_prints_its_figures(capsys):
    """A few messages and three numbers are enough to see every line."""
    few = ("--rows", "25", "--repetitions", "1", "--calls", "8", "--numbers", "3", "--seconds", "0.5")

    assert send.main(few) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("bare loop", "Baton", "slots used", "busiest second", "3 numbers"))


def test_the_send_benchmark_refuses_what_it_could_not_measure(capsys):
    """Below some twenty messages there is no pace to be seen."""
    with pytest.raises(SystemExit):
        send.main(("--rows", "18"))

    assert "18 are too few to measure anything: 25 are the least" in capsys.readouterr().err


def test_the_growth_benchmark_prints_its_figures(capsys):
    """A few chats are enough to see every line."""
    assert growth.main(("--chats", "20", "40", "--models", "4", "--calls", "8")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("bytes each", "ms to POST", "first nine days", "target"))


def test_the_decide_benchmark_prints_its_figures(capsys):
    """Every situation comes out as it is called: the run stands, goes on, or waits where it should."""
    assert decide.main(("--events", "3", "--repetitions", "1")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("starts the flow", "5 steps follow", "and texts rendered", "target"))


def test_the_conditions_benchmark_prints_its_figures(capsys):
    """Everybody who is installed finds the same; who is not is told how to get."""
    assert conditions.main(("--sizes", "10", "30", "--rounds", "1")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("Baton, plain loop", "compiled lambdas", "without patterns", "grows"))
    assert all(peer.package in printed for peer in PEERS)


def test_the_load_benchmark_prints_its_figures(capsys):
    """Each way to load has its line."""
    assert load.main(("--conditions", "30", "--lines", "400", "--repetitions", "1")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("30 conditions from YAML", "published", "`baton check`", "grown MiB"))


def test_the_benchmark_of_hostile_messages_prints_its_figures(capsys):
    """Short messages are enough to see every line."""
    assert hostile.main(("--repetitions", "1", "--characters", "64")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("growth", "text like", "steps", "Slowest pattern"))


def test_the_faq_benchmark_prints_its_figures(capsys):
    """Both halves of the labelled messages, and every kind of message that is timed."""
    assert faq.main(("--messages", "5", "--repetitions", "1", "--peer", "1")) == 0

    printed = capsys.readouterr().out
    kinds = ("exact", "misspelt", "no match", "hostile", "5,000 questions")
    assert all(
        name in printed for name in (*kinds, "The half it was tuned on", "The half held out", "0.80 *", "precision")
    )


def test_the_labelled_messages_are_worth_their_figures():
    """At least 300, of which a third has no answer in either half, none of them in both, and all labels known."""
    halves = [faq.labelled(half) for half in faq.HALVES]
    known = {name for name, _ in faq.guesthouse().named()}

    assert len({each.message for half in halves for each in half}) == sum(map(len, halves)) >= 300
    assert all(3 * sum(not each.answer for each in half) >= len(half) for half in halves)
    assert {each.answer for half in halves for each in half} - {""} <= known


def test_percentiles_are_values_that_were_measured():
    """The median of an even number is the lower of the two in the middle."""
    values = [4.0, 1.0, 3.0, 2.0]

    assert [percentile(values, share) for share in (0.5, 0.75, 0.99)] == [2.0, 3.0, 4.0]


def test_the_busiest_second_slides():
    """It begins anywhere, and its end does not belong to it."""
    assert busiest_second([0.0, 0.6, 0.9, 1.5, 1.6]) == 3
    assert busiest_second([0.0, 1.0]) == 1


def test_the_timers_benchmark_prints_its_figures(capsys):
    """A few timers are enough to see every line, each followed once."""
    assert timers.main(("--timers", "30")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("1 loop", "2 loops", "late p50", "missing", "doubled"))


def test_the_shares_benchmark_prints_its_figures(capsys):
    """A few numbers and two worker processes are enough to see every line."""
    assert shares.main(("--numbers", "24", "--processes", "2")) == 0

    printed = capsys.readouterr().out
    assert all(name in printed for name in ("numbers of each: 12, 12", "one killed", "resident MiB", "Together"))
