"""How answers look on a terminal. Rich drops the styles when piped."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from cli.terminal import OUTCOME_STYLE, indented
from imr import fields, taken
from imr.engines.document import StoredDecision
from imr.engines.open import Place
from imr.model import Decision, Determination
from imr.search.highlight import parts
from imr.search.response import (
    Explanation,
    OutcomeBalance,
    Result,
    SearchResponse,
    Suggestion,
)
from indexer.pipeline import LoadReport

BAR = 30  # characters
FACETS = ("category", "drug", "body_part", "guideline")
PASSAGE = 240  # characters
SNIPPETS = 2
"""How many marked snippets of a decision are shown."""
NEAR_NAMED = 3
"""How many decisions with a near-identical rationale are named."""


def answer(found: SearchResponse) -> Group:
    """The whole answer: how it was understood, what it counts, the page."""
    lines: list[Text | Padding] = [_head(found)]
    excluded = sorted({clause.text for clause in found.query.clauses if clause.negated})
    required = [c.text for c in found.query.clauses if c.hard and not c.negated]
    named = [
        f"{c.label} ({c.kind})"
        for c in found.query.concepts
        if not any(c.text in text for text in excluded)
    ]
    if named:
        lines.append(Text(f"understood: {', '.join(named)}", style="cyan"))
    if required:
        lines.append(Text(f"must hold: {'; '.join(required)}", style="cyan"))
    if excluded:
        lines.append(Text(f"without: {'; '.join(excluded)}", style="cyan"))
    lines += heard(found.query.warnings, found.query.did_you_mean)
    lines += [Text(f"try: {_tried(s)}", style="magenta") for s in found.query.suggestions]
    if found.counted == "matches":
        if found.results and not found.total.matches:
            lines.append(Text("Nothing matches with this outcome: what follows is only related."))
        lines += [balance(found.outcomes), facets(found)]
    elif found.results:
        lines.append(Text("Nothing matches: what follows is only related, so nothing is counted."))
    lines.append(Text())
    first = (found.page.number - 1) * found.page.size + 1
    for rank, row in enumerate(found.results, start=first):
        lines.extend(result(rank, row))
    if not found.results:
        lines.append(Text(_nothing(found)))
    if found.page.next:
        lines.append(Text(f"more: --page {found.page.next}", style="dim"))
    return Group(*lines)


def heard(warnings: Sequence[str], did_you_mean: str | None) -> list[Text]:
    """What is said of a query beside its answer, wherever one is asked."""
    lines = [f"note: {warning}" for warning in warnings]
    lines += [f"did you mean: {did_you_mean}"] if did_you_mean else []
    return [Text(line, style="magenta") for line in lines]


def _head(found: SearchResponse) -> Text:
    total = found.total
    head = Text(counted(total.matches, "matching decision"), style="bold")
    if total.matches:
        head.append(f" in {counted(total.determinations, 'letter')}", style="not bold")
    if total.related:
        head.append(f", {total.related} related", style="not bold")
    return head.append(f"  ({found.took_ms:.0f} ms)", style="dim not bold")


def counted(number: int, noun: str) -> str:
    """A number of things, as "1 letter" or "2,000 letters"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _tried(suggested: Suggestion) -> str:
    """A suggestion as it is typed, and the words it came from."""
    typed = [shlex.quote(suggested.query)] if suggested.query else []
    if suggested.query.startswith("-"):
        typed = [f"-- {typed[0]}"]
    if suggested.field:
        typed.insert(0, f"--filter {shlex.quote(f'{suggested.field}={suggested.value}')}")
    return f"{' '.join(typed)}   for \u201c{suggested.text}\u201d"


def _nothing(found: SearchResponse) -> str:
    if found.total.listed:
        return f"Page {found.page.number} is past the last of {found.total.listed} decisions."
    return "No decision found. Use fewer words or filters."


def balance(outcomes: OutcomeBalance) -> Text:
    """The outcome balance as a bar with its interval."""
    whole = outcomes.upheld + outcomes.overturned
    text = Text("outcomes: ")
    if not whole:
        return text.append("none")
    cells = round(BAR * outcomes.overturned / whole)
    text.append("\u2588" * cells, style=OUTCOME_STYLE["overturned"])
    text.append("\u2591" * (BAR - cells), style=OUTCOME_STYLE["upheld"])
    text.append(f" {outcomes.overturned} overturned, {outcomes.upheld} upheld")
    if outcomes.overturn_rate is not None and outcomes.interval is not None:
        low, high = outcomes.interval
        text.append(f" = {outcomes.overturn_rate:.0%} overturned (95 %: {low:.0%} to {high:.0%}")
        if outcomes.corpus_rate is not None:
            text.append(f"; all decisions {outcomes.corpus_rate:.0%}")
        text.append(")")
    return text


def facets(found: SearchResponse) -> Text:
    """The first values of a few facets."""
    text = Text()
    for name in FACETS:
        values = found.facets.get(name, ())[:4]
        if values:
            text.append("\n" if text.plain else "")
            text.append(f"{fields.BY_NAME[name].label}: ", style="dim")
            text.append(", ".join(f"{v.label} {v.count}" for v in values))
    return text


def result(rank: int, row: Result) -> list[Text | Padding]:
    """One row: outcome and request, then where it stands and why it was found."""
    line = Text(f"{rank:>3}. ")
    line.append(row.outcome.upper().ljust(10), style=OUTCOME_STYLE[row.outcome])
    line.append(" ").append_text(_request(row))
    detail = Text(f"{row.id}  {row.decision_date or 'undated'}", style="dim")
    if row.score is not None:
        detail.append(f"  score {row.score:.2f}")
    if not row.matched:
        detail.append("  related", style="magenta")
    if row.guidelines:
        detail.append("  " + "; ".join(row.guidelines))
    lines = [line, indented(detail), *(indented(text) for text in _texts(row))]
    if row.explanation:
        lines += [indented(text) for text in _explanation(row.explanation)]
    for sibling in row.siblings:
        text = Text(f"also {sibling.id}: ", style="dim")
        text.append(sibling.outcome, style=OUTCOME_STYLE[sibling.outcome])
        text.append(f" {sibling.request}")
        lines.append(indented(text))
    if row.near_duplicates:
        lines.append(indented(Text(near(row.near_duplicates), style="dim")))
    return lines


def near(ids: Sequence[str]) -> str:
    """How many decisions are not shown because their rationale is, and the first of them."""
    said = (
        "1 near-identical rationale" if len(ids) == 1 else f"{len(ids)} near-identical rationales"
    )
    more = ", \u2026" if len(ids) > NEAR_NAMED else ""
    return f"{said}: {', '.join(ids[:NEAR_NAMED])}{more}"


def _request(row: Result) -> Text:
    """The whole request, what was asked for underlined."""
    snippets = row.highlights.get("request", ())
    if snippets and "".join(piece for piece, _ in parts(snippets[0])) == row.request:
        return marked(snippets[0], plain="bold", style="bold underline")
    return Text(row.request, style="bold")


def _texts(row: Result) -> list[Text]:
    """What the decision says of it: marked snippets, else the passage nearest in meaning."""
    snippets = row.highlights.get("rationale") or row.highlights.get("summary", ())
    if snippets:
        return [marked(snippet) for snippet in snippets[:SNIPPETS]]
    if row.passage is None:
        return []
    start, _ = row.passage.sentence or (row.passage.start, 0)
    rest = row.passage.text[start - row.passage.start :]
    piece = rest[:PASSAGE].rstrip()
    more = " \u2026" if len(rest) > len(piece) else ""
    return [Text(piece + more)]


def marked(snippet: str, plain: str = "", style: str = "bold") -> Text:
    """A snippet of the answer, its marks as a style."""
    text = Text()
    for piece, is_marked in parts(snippet):
        text.append(piece, style=style if is_marked else plain)
    return text


def _explanation(told: Explanation) -> list[Text]:
    """Why it is there, a fact a line."""
    lines = [Text(told.match, style="cyan"), Text(told.rank, style="cyan")]
    for clause in told.clauses:
        where = ", ".join(clause.where) or ("holds" if clause.holds else "nowhere")
        lines.append(Text(f"{'not ' * clause.negated}{clause.text}: {where}", style="cyan"))
    return lines


def decision(stored: StoredDecision) -> Group:
    """One decision in full."""
    head = Text(f"{stored.decision.id}", style="bold")
    head.append(f"  decided {stored.decision_date or 'on an unknown day'}", style="not bold")
    return Group(head, *_decision_lines(stored.decision))


def letter(found: Determination) -> Group:
    """A whole letter."""
    head = Text(found.id, style="bold")
    head.append(f"  decided {found.dates.decision or 'on an unknown day'}", style="not bold")
    who = ", ".join(found.reviewer.specialties) or "specialty not given"
    lines: list[Text] = [head, Text(f"reviewer: {who}", style="dim"), Text()]
    lines += [Text("Clinical summary", style="underline"), Text(found.clinical_summary)]
    for each in found.decisions:
        lines.append(Text())
        lines.extend(_decision_lines(each))
    lines += [Text(f"warning: {w.message}", style="magenta") for w in found.warnings]
    return Group(*lines)


def _decision_lines(found: Decision) -> list[Text]:
    head = Text(f"{found.number}. ")
    head.append(found.outcome.upper(), style=OUTCOME_STYLE[found.outcome])
    head.append(f" {found.request}", style="bold")
    facts = [found.category, *found.drugs, *found.body_parts, *found.levels]
    if found.quantity is not None:
        facts.append(f"quantity {found.quantity}")
    lines = [head, Text("   " + " \u00b7 ".join(facts), style="dim")]
    for who, cited in (
        ("claims administrator", found.administrator_guidelines),
        ("reviewer", found.reviewer_guidelines),
    ):
        for citation in cited:
            sections = f", {'; '.join(citation.sections)}" if citation.sections else ""
            lines.append(Text(f"   {who}: {taken.guideline_name(citation)}{sections}"))
    lines += [Text(), Text(found.rationale)]
    return lines


def loaded(report: LoadReport, where: Place) -> Text:
    """What a load did, in one line."""
    done = f"{counted(report.letters, 'letter')}, {counted(report.decisions, 'decision')}"
    text = Text(done, style="bold")
    text.append(f" loaded into {where}", style="not bold")
    for count, word in (
        (report.unchanged, "unchanged"),
        (report.older, "not newer than what is stored"),
        (report.set_aside.total(), "set aside"),
    ):
        if count:
            text.append(f", {count:,} {word}", style="not bold")
    return text
