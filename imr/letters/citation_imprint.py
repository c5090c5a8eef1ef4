"""What stands around a document's name that is no part of it: editions, dates, years, publishers.

"ODG, Treatment Index, 13th Edition (web), 2015, Low Back - Lumbar & Thoracic (Acute & Chronic)
(updated 11/3/15)" cites "Low Back" of 2015.
"""

from __future__ import annotations

import re

from imr.letters.citation_words import ADDRESS, YEAR

# Patterns for re.VERBOSE and re.IGNORECASE
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?,?\ {YEAR})"
_DATE = rf"(?:{_DAY}|{_MONTH},?\ {YEAR}|\d{{1,2}}/\d{{4}}|{YEAR})"
# When a web page was changed or seen, which is no year of the guideline, as in "(updated
# 12/12/16)", "last updated 11/21/2016", "(web: updated 5/10/2013)" and "March 2015 update"
UPDATED = rf"""\(?(?:(?:web:?\ |online:?\ |version\ |last\ |most\ recently\ |as\ of\ )*
      (?:updated?|modified|accessed|reviewed|retrieved|revised(?!\ {YEAR}\b)|revision(?!\ {YEAR}\b))
          (?:\ on|\ as\ of|\ through)?:?\ ?{_DATE}
    | as\ of\ {_DATE} | {_DATE}\ (?:updates?|version|revision)\b )\)?"""
_EDITION = r"""\(?(?:\d+(?:st|nd|rd|th)|first|second|third|latest|current|most\ recent|annual
    |web|online|internet|web-?based)(?:\ annual|\ \d{4})?\ (?:ed\b\.?|editions?\b|version\b)
    (?:\ \(web\))?\)?|\bV(?:ersion\ |er\.?\ |\.\ ?)\d+(?:\.\d+)?\b"""
# The year of a document: "2009", "(May 2009)", "(Revised 2007)", "2014 web"
_DATED_YEAR = rf"""\(?(?:(?:revised|revision|rev\.|edition|version|published|copyright|adopted|in
        |{_MONTH},?)\ (?:\d{{1,2}},\ )?)?
    (?<![\d/]){YEAR}(?:\ (?:web|online|edition|version|ed\b\.?))*
    \)?(?![\d/.]?\d|-\d)"""
# as in "(Second Edition, 2004)" and "(web version, updated 5/1/15)"
_IN_PRINT = r"\((?=[^()]*\b(?:edition|ed\.|version|updated?))[^()]*\)"
_EFFECTIVE = rf"\(?effective:?\ (?:date:?\ )?(?:{_MONTH}\ \d{{1,2}},?\ )?(?:[\d/]+/)?{YEAR}\)?"
# "8 C.C.R. §§9792.20 - 9792.26 (Effective July 18, 2009)": where the MTUS stands in the law
_REGULATION = r"""\(?(?:(?:Title\ )?8,?\ (?:C\.?C\.?R\.?|California\ Code\ of\ Regulations?)
      (?:,?\ Title\ 8)?,?\ ?(?:§+|sections?|secs?\.)?
    | (?:§+|sections?|secs?\.)?\ ?(?=9792\.2))[\d.§\s\u2013&,-]*(?:MTUS\b)?\)?"""
_COMPENSATION = r"""(?:(?:Integrated\ )?Treatment\ (?:Guidelines?\ )?(?:in|for|of)\ )?
    Worker\S{0,3}\ Comp(?:ensation|\b\.?)(?!\ Drug)(?:,?\ \(?(?:ODG[-/ ]?)?TWC\)?)?"""
_PUBLISHER = (
    r"Work\ Loss\ Data\ Institute(?:,?\ LLC)?|LLC\b|Corpus\ Christi,?\ \(?(?:TX|Texas)\b\)?"
)
# Between the name of the source and the name of the document
_PREAMBLE = re.compile(
    rf"""(?:(?:California|CA)\ )?(?: [\s,;:/.&\u2013\u2014-]+
      | {UPDATED} | {_EDITION} | {_IN_PRINT} | {_EFFECTIVE} | {_DATED_YEAR} | {_REGULATION}
      | {_COMPENSATION} | {_PUBLISHER} | \(?{ADDRESS}
      | \((?:(?:ODG|ACOEM|MTUS)(?:[-/ ]TWC)?|TWC|web|online)\)
      | (?:the|for|under|from|in|on|regarding|and|TWC|citations?|by|chapters)(?=[\s,;:]|$)
      | sections?:?\s
      | (?:Plus\ )?(?:OMPG|APG)(?:\ I\b)?(?:\ Plus\b)?
      | (?:Integrated\ )?Treatment/Disability\ Duration\ Guidelines
      | (?:Occupational\ Medicine\ )?(?:Practice\ )?(?:Medical\ )?(?:Treatment\ )?Guidelines?\b
      | Treatment\ Index | Integrated\ Treatment(?:\ Guidelines?\b)?
      | \(?(?:(?:current|latest|most\ recent)\ )?(?:web-?based|internet|online|web)\b
            (?:\ (?:internet|online|web|version|edition|guidelines?)\b)*\)?
            (?=[,;:.]|\s*$|\ Chapter) )*""",
    re.IGNORECASE | re.VERBOSE,
)
# After the name of the document: "Low Back (Thoracic and Lumbar, Acute and Chronic) Chapter" is
# "Low Back", and so with "Pain (Chronic)", "Low back, Lumbar & Thoracic (Acute & Chronic)",
# "Head section" and "Pain Procedure Summary (updated …)". The head and diabetes chapters have
# long forms of their own: "Head (Trauma, headaches, etc.)", "Diabetes (Type 1, 2, and
# Gestational)". Letters of 2013 write "Low Back Complaints (ACOEM Practice Guidelines, 2nd
# Edition (2004), Chapter 12)".
_SCOPE = r"(?:(?:sub)?acute|chronic|lumbar|thoracic|cervical|type|gestational|[12]|and|[&,/\s-])"
_QUALIFIER = re.compile(
    rf"""(?: \s*\(?(?:Chapters?(?!\ \d{{1,2}}\b)
             |Sections?(?!\s?\(s\)|:|\ (?:on|for|\d))|Procedures?\ Summary
             |(?:Medical\ )?Treatment\ Guidelines?|Guidelines?)\b\)?
      | ,?\s*[(\[]{_SCOPE}+[)\]] | [\s,:\u2013-]*acute\ (?:and|&)\ chronic\b
      | \s*\(trauma,\ headaches[^()]*\)
      | \s*\((?=[^()]*(?:ACOEM|ODG|MTUS))[^()]*(?:\([^()]*\)[^()]*)*\)
      | [\s,:\u2013-]*(?:Lumbar\ (?:and|&)\ Thoracic|Thoracic\ (?:and|&)\ Lumbar)\b
      | [\s,;:\u2013-]*
        (?:{UPDATED}|{_EDITION}|{_IN_PRINT}|{_DATED_YEAR}|{_EFFECTIVE}|{_REGULATION}|{_PUBLISHER})
      | \ (?:and|&)\ {YEAR}(?=[,;.]|$)
      | \s*\(\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\) )*""",
    re.IGNORECASE | re.VERBOSE,
)
# "(updated 12/12/16)", addresses and years of their own further on
_DATED = re.compile(
    rf"""[\s,;]*{UPDATED} | [\s,;:]*\(?{ADDRESS}
    | (?:(?<=[,;])|(?<=\.))\s*(?:{_DATED_YEAR}|{_EDITION})(?=\s*(?:[,;.]|$))
    | \s+\(?{_MONTH},?\ {YEAR}\)?(?=\s*(?:[,;.]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
_HAS_DATE = re.compile(r"\d|http|www\.|edition|version", re.IGNORECASE)
_NO_YEAR = re.compile(rf"{UPDATED}|{ADDRESS}", re.IGNORECASE | re.VERBOSE)
_YEAR_ALONE = re.compile(rf"(?<![/\d.-]){YEAR}(?![/\d-]|\.\d)")


def preamble_end(text: str, start: int) -> int:
    """Where what stands between the name of the source and that of the document ends."""
    return _end(_PREAMBLE, text, start)


def qualifier_end(text: str, start: int) -> int:
    """Where what qualifies the name that ends at `start` ends."""
    return _end(_QUALIFIER, text, start)


def year_of(text: str) -> int | None:
    """The first year that is no date of an update."""
    if not _YEAR_ALONE.search(text):
        return None
    year = _YEAR_ALONE.search(_NO_YEAR.sub(" ", text))
    return int(year.group()) if year else None


def without_dates(text: str) -> tuple[str, int | None]:
    """What follows a name without dates, editions and addresses, and the year among them."""
    if not _HAS_DATE.search(text):
        return text, None
    years = (year_of(found[0]) for found in _DATED.finditer(text))
    return _DATED.sub(" ", text), next((year for year in years if year), None)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
