"""Draws the outcome balance as bars: the interval on a line from 0 to 100 %."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from cli.show import heard
from imr.precedents.outcomes import FEW, Balance, OutcomesResponse, Row

WIDTH = 40  # characters from 0 to 100 %
LABEL = 44  # characters a label may take
LINE, ENDS, RATE, CORPUS = "\u2500", ("\u251c", "\u2524"), "\u25cf", "\u250a"


def drawn(found: OutcomesResponse) -> Group:
    """The whole balance and its rows, what it is compared with, and what to mind."""
    lines = heard(found.query.warnings, found.query.did_you_mean)
    if not found.all.decisions.total:
        return Group(*lines, Text("no decision matches: there is nothing to count"))
    rate = found.corpus.overturn_rate
    width = min(LABEL, max(map(len, ["all that match", *map(_label, found.rows)])))
    lines.append(_row("all that match", found.all, rate, width))
    lines += [_row(_label(row), row, rate, width) for row in found.rows]
    if found.distinct > len(found.rows):
        more = found.distinct - len(found.rows)
        lines.append(Text(f"{more:,} more: --size {min(1000, found.distinct)}", style="dim"))
    told = (
        f"{RATE} overturned, {ENDS[0]}{LINE}{ENDS[1]} 95 % interval, {CORPUS} all decisions of the "
        f"index ({_percent(rate)} of {found.corpus.total:,})"
    )
    lines += [Text(told, style="dim"), Text(found.note, style="dim")]
    return Group(*lines)


def _label(row: Row) -> str:
    return " \u00b7 ".join(named.label for named in row.values)


def _row(label: str, row: Row, corpus: float | None, width: int) -> Text:
    short = label if len(label) <= width else f"{label[: width - 1]}\u2026"
    line = Text(f"{short:<{width}} ", style="bold")
    line.append(_bar(row.decisions, corpus), style="not bold green" if row.distance else "not bold")
    line.append(f" {_percent(row.decisions.overturn_rate):>5}", style="not bold")
    told = (
        f"  {row.decisions.overturned:,} of {row.decisions.total:,}"
        f"  letters {row.letters.overturned:g} of {row.letters.total:,}"
        f"  rationales {row.rationales.overturned:g} of {row.rationales.total:,}"
    )
    line.append(told, style="not bold dim")
    if row.few:
        line.append(f"  few ({_few(row)})", style="not bold magenta")
    return line


def _few(row: Row) -> str:
    """What there are too few of to lean on the bar, which is over decisions."""
    letters = row.decisions.total >= FEW
    return f"under {FEW} letters" if letters else f"under {FEW}"


def _bar(balance: Balance, corpus: float | None) -> str:
    """The interval with the rate in it, and where the corpus rate lies."""
    places = [" "] * (WIDTH + 1)
    if corpus is not None:
        places[_place(corpus)] = CORPUS
    if balance.interval is not None and balance.overturn_rate is not None:
        low, high = map(_place, balance.interval)
        for at in range(low, high + 1):
            places[at] = CORPUS if places[at] == CORPUS else LINE
        places[low], places[high] = ENDS
        places[_place(balance.overturn_rate)] = RATE
    return "".join(places)


def _place(share: float) -> int:
    return round(share * WIDTH)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"
