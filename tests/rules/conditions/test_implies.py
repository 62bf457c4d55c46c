"""Does what is said to imply another condition never hold without it?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Type, check, compiled
from rules.conditions.implies import claim_of, implies

SCOPE = {"text": Type.TEXT, "name": Type.TEXT, "tags": Type.LIST, "new": Type.TRUTH}
WORD = st.sampled_from(("cake", "Pie", "pies", "é", "e"))
PHRASES = st.lists(WORD, min_size=1, max_size=2).map(" ".join)
LEAVES = st.one_of(
    st.just("new"),
    st.builds('{} has "{}"'.format, st.sampled_from(("text", "name", "tags")), PHRASES),
    st.builds('text {} ("{}", "{}")'.format, st.sampled_from(("has any", "has all", "has none")), PHRASES, PHRASES),
    st.builds('text {} "{}"'.format, st.sampled_from(("contains", "starts with", "=", "like")), PHRASES),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=4,
)
SAID = st.none() | st.lists(WORD, max_size=4).map(" ".join) | st.lists(WORD, max_size=4).map(", ".join)
FACTS = st.fixed_dictionaries(
    {"text": SAID, "name": SAID, "tags": st.lists(WORD, max_size=2).map(tuple), "new": st.booleans()}
)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(one=CONDITIONS, other=CONDITIONS, said=st.lists(FACTS, min_size=1, max_size=8))
def test_what_implies_another_never_holds_without_it(one, other, said):
    """Whatever the contact wrote, or did not; what adds to a condition or takes from it is tried as well."""
    for claim in (one, f"({one}) and ({other})"):
        for claimed in (other, f"({one}) or ({other})"):
            _holds_with(check(claim, SCOPE), check(claimed, SCOPE), said)


def _holds_with(one, other, said):
    if implies(claim_of(one), claim_of(other)):
        assert all(compiled(other).holds(facts) for facts in said if compiled(one).holds(facts))
