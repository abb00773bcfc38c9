"""Whatever a file says is read or refused, and whatever happens a playing goes on to its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.scenario.parser import ScenarioError, parse
from bridge.simulator.scenario.player import OVER, STATES, Observation, Player
from bridge.simulator.scenario.vocabulary import FORMS, SPEAKERS
from tests.simulator.scenario.examples import example

EXAMPLES = [(who, example(form)) for who in SPEAKERS for form in FORMS[who]]
WORDS = sorted({word for who, text in EXAMPLES for word in (who, *text.split())} | {"title:", "start:", "within", "1s"})

#: Lines of words that occur in scenarios, in any order.
lines = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=30), max_size=8)


def well_timed(who, text):
    """A line that fits: what is expected within 1 s, what is not for 1 s, all else at once."""
    if who in ("tws", "client"):
        return f"then {who} {text}"
    return f"{'for' if text.startswith('no ') else 'within'} 1s {who} {text}"


scenarios = st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=6).map(
    lambda chosen: "title: t\nstart: now\n" + "\n".join(well_timed(*each) for each in chosen)
)
facts = st.sampled_from(
    [Observation("socket"), Observation("connection"), Observation("disconnection"),
     Observation("request", "reqMktData", {}),
     Observation("heard", "system.gap", {"a": 1, "b": "2"})]
)  # fmt: skip


@given(lines)
def test_a_file_is_read_or_refused_by_line(given_lines):
    text = "\n".join(given_lines)
    try:
        scenario = parse(text, "x.scenario")
    except ScenarioError as refused:
        assert all(problem.startswith("x.scenario:") for problem in refused.problems)
    else:
        assert scenario.lines


@given(scenarios, st.lists(facts | st.floats(0, 0.7) | st.booleans(), max_size=30))
def test_a_playing_goes_on_to_its_end(text, happens):
    player, now, seen = Player(parse(text, "x"), frozenset(SPEAKERS)), 100.0, []
    player.begin(now)
    for each in happens:
        if isinstance(each, Observation):
            player.take(each, now)
        elif isinstance(each, bool):
            if player.asking is not None:
                player.answered(player.asking, each)
        else:
            now += each
        was_over = player.state in OVER
        seen += player.turn(now)
        assert player.state in STATES
        assert not was_over or player.turn(now) == []
    for _ in range(len(player.scenario.lines) + 1):
        now += 1.0
        seen += player.turn(now)
    assert player.state in OVER
    numbers = [step.line.number for step in seen]
    assert numbers == sorted(set(numbers))
    assert ("failed" in [step.outcome for step in seen]) is (player.state == "failed")
