"""Words that are dropped from keyword clauses: they ask or join, and name nothing.

They stay in the text that is embedded. "without", "no" and "not" are among them because their
meaning is the vector's and the reasons' business: every letter says "not medically necessary".
"""

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """
    a about after again against all also am an and any are as at be because been before being
    between both but by can case cases chapter chapters concerning could decided decision
    decisions determination determinations did do does doing down due during each either ever
    every few find for found from further get give given guideline guidelines had has have having
    he her here hers him his how i if imr in into is it its itself just let letter letters like
    list look many may me might more most much must my near need needs neither no nor not now of
    off on once one only or other our out over own patient patients per please previous previously
    prior regarding related request requested requests reviewer reviewers said same say says
    search shall she should show since so some such than that the their them then there these they
    this those through to too under until up upon us use used using very via was we were what when
    where whether which while who whom whose why will with within without worker workers would you
    your
    """.split()
)

OUTCOME_WORDS = {
    "denied": "upheld",
    "denial": "upheld",
    "denials": "upheld",
    "upheld": "upheld",
    "approved": "overturned",
    "approval": "overturned",
    "approvals": "overturned",
    "overturned": "overturned",
    "overturn": "overturned",
    "uphold": "upheld",
}
"""Words for how it ended: a suggested filter, never a silent one."""
