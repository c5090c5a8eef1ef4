"""Words that are dropped from keyword clauses: they ask or join, and name nothing.

They stay in the text that is embedded. "without", "no" and "not" are among them because their
meaning is the vector's and the reasons' business: every letter says "not medically necessary".
"""

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """
    a about after again against all already also am an and any anybody anyone anything are aren't
    as at be because been before being between both but by can can't cannot case cases chapter
    chapters concerning could couldn't decided decision decisions determination determinations did
    didn't do does doesn't doing don't down due during each either ever every everybody everyone
    everything few find for found from further get gets getting give given going guideline
    guidelines had hadn't has hasn't have haven't having he her here hers him his how i if imr in
    instead into is isn't it its itself just let letter letters like list look many may me might
    more most much must my near need needs neither no nobody none nor not nothing now of off often
    on once one only or other our out over own patient patients per please previous previously
    prior really regarding related request requested requests reviewer reviewers said same say
    says search shall she should shouldn't show since so some somebody someone something such take
    taken takes taking talk talking tell than that the their them then there these they this those
    through to told too took turn turned under until up upon us use used using
    versus very via vs w w/o was wasn't we were weren't what when where whether which while who
    whom whose why will with within without won't worker workers would wouldn't yet you your
    """.split()
)

OUTCOME_WORDS = {
    "denied": "upheld",
    "denial": "upheld",
    "denials": "upheld",
    "refused": "upheld",
    "refusal": "upheld",
    "rejected": "upheld",
    "rejection": "upheld",
    "upheld": "upheld",
    "approved": "overturned",
    "approval": "overturned",
    "approvals": "overturned",
    "overturned": "overturned",
    "overturn": "overturned",
    "uphold": "upheld",
    "upholds": "upheld",
    "upholding": "upheld",
    "overturns": "overturned",
    "overturning": "overturned",
    "denies": "upheld",
    "deny": "upheld",
    "approve": "overturned",
    "approves": "overturned",
    "non-certified": "upheld",
    "noncertified": "upheld",
}
"""Words for how it ended: a suggested filter, never a silent one."""

RULINGS = frozenset(word for word in OUTCOME_WORDS if word.startswith(("uph", "overturn")))
"""Those that only IMR's own rulings are called by: a denial is also what a ruling is about."""
