"""What a page of the decision search holds: its form, its links."""

from __future__ import annotations

from html.parser import HTMLParser

_NO_TEXT = frozenset({"script", "style", "title"})
_NOT_SENT = frozenset({"reset", "button", "image"})


class Page(HTMLParser):
    """What a page of the site has: the form's fields, links with their texts, the text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.action: str | None = None
        self.method = "get"
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._unread = 0
        self._select: str | None = None
        self._link: str | None = None
        self._text: list[str] = []
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        """What a reader of the page sees, without choices."""
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, inputs, selects, options and links."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form" and self.action is None:
            self.action = given.get("action", "")
            self.method = given.get("method", "get").lower()
        elif (
            tag == "input" and name and given.get("type", "text").lower() not in {"reset", "button"}
        ):
            self.fields[name] = given.get("value", "")
        elif tag == "select" and name:
            self._select = name
            self.choices[name] = []
            self.fields.setdefault(name, "")
        elif tag == "option" and self._select is not None:
            self.choices[self._select].append(given.get("value", ""))
            if "selected" in given:
                self.fields[self._select] = given.get("value", "")
        elif tag in _NO_TEXT:
            self._unread += 1
        elif tag == "a" and given.get("href"):
            self._link, self._text = given["href"], []

    def handle_endtag(self, tag: str) -> None:
        """The end of a link or a list of choices."""
        if tag == "a" and self._link is not None:
            self.links.append((self._link, " ".join("".join(self._text).split())))
            self._link = None
        elif tag == "select":
            self._select = None
        elif tag in _NO_TEXT:
            self._unread = max(0, self._unread - 1)

    def handle_data(self, data: str) -> None:
        """The text of the page, and of a link."""
        if not self._unread and self._select is None:
            self._words.append(data)
        if self._link is not None:
            self._text.append(data)
