"""Is whatever is filed away found again, as if each condition were compared with each?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Type, check
from rules.conditions.implies import claim_of, implies
from rules.conditions.weaker import Weaker

SCOPE = {"text": Type.TEXT, "name": Type.TEXT, "tags": Type.LIST, "new": Type.TRUTH}
NAMES = st.sampled_from(("text", "name", "tags"))
PHRASES = st.lists(st.sampled_from(("cake", "pie", "A", "bread")), min_size=1, max_size=3).map(" ".join)
LEAVES = st.one_of(
    st.just("new"),
    st.builds('{} has "{}"'.format, NAMES, PHRASES),
    st.builds('{} has any ("{}", "{}")'.format, NAMES, PHRASES, PHRASES),
    st.builds('{} has all ("{}", "{}")'.format, NAMES, PHRASES, PHRASES),
    st.builds('text contains "{}"'.format, PHRASES),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.lists(CONDITIONS, min_size=1, max_size=12))
def test_filing_finds_what_comparing_each_with_each_finds(texts):
    """A sign that is filed under is shown by everything that implies the condition."""
    conditions = [check(text, SCOPE) for text in texts]
    claims = [claim_of(condition) for condition in conditions]

    weaker = Weaker(conditions)

    for place, claim in enumerate(claims):
        expected = [at for at, other in enumerate(claims[:place]) if implies(claim, other)]
        assert list(weaker.before(place)) == expected
