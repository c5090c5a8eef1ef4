"""PDFs that no letter is: small ones that ask for gigabytes or hours, written byte by byte."""

from __future__ import annotations

import io
import zlib

Objects = dict[int, bytes]
MEGABYTE = 1_000_000


def pdf(objects: Objects) -> bytes:
    """A file of these objects, the first of which is the root."""
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    places = {}
    for number, body in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table, count = out.tell(), max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
    for number in range(1, count):
        out.write(b"%010d 00000 n \n" % places.get(number, 0))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, table))
    return out.getvalue()


def one_page(content: bytes, filters: bytes = b"/FlateDecode") -> Objects:
    """A page with a packed content stream."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        4: b"<</Length %d/Filter %b>>\nstream\n%b\nendstream" % (len(content), filters, content),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }


def packed(unit: bytes, times: int) -> bytes:
    """The unit over and over, deflated without ever holding all of it."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(unit) for _ in range(times)) + packer.flush()


def huge_stream() -> bytes:
    """A page of 1.5 GB in three kilobytes."""
    spaces = packed(b" " * MEGABYTE, 1500)
    return pdf(one_page(zlib.compress(spaces, 9), b"[/FlateDecode/FlateDecode]"))


def huge_text() -> bytes:
    """A page of 500 MB of text."""
    return pdf(one_page(packed(b"BT /F 12 Tf 72 700 Td (Upheld) Tj ET\n" * 10_000, 1400)))


def many_pages() -> bytes:
    """A million pages, all the same."""
    objects = one_page(zlib.compress(b"BT /F 12 Tf 72 700 Td (Upheld) Tj ET"))
    kids = b"3 0 R " * MEGABYTE
    return pdf({**objects, 2: b"<</Type/Pages/Count 1000000/Kids[%b]>>" % kids})


def no_page() -> bytes:
    """A root and no page."""
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Count 0/Kids[]>>"})


def pages_in_a_circle() -> bytes:
    """A tree of pages that holds itself."""
    objects = one_page(b"")
    return pdf({**objects, 2: b"<</Type/Pages/Count 1000000/Kids[2 0 R 2 0 R]>>"})


def deep_brackets() -> bytes:
    """Three million arrays, each inside the one before."""
    return pdf({**one_page(zlib.compress(b"")), 6: b"[" * 3_000_000 + b"]" * 3_000_000})


def deep_forms() -> bytes:
    """Twenty forms, each of which draws the next one ten times."""
    objects = one_page(zlib.compress(b"/X0 Do"))
    objects[3] = objects[3].replace(b"/Font<<", b"/XObject<</X0 10 0 R>>/Font<<")
    for at in range(20):
        body = b"/X%d Do " % (at + 1) * 10 if at < 19 else b"BT /F 12 Tf (x) Tj ET"
        objects[10 + at] = (
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X%d %d 0 R>>"
            b"/Font<</F 5 0 R>>>>/Length %d>>\nstream\n%b\nendstream"
        ) % (at + 1, 11 + at, len(body), body)
    return pdf(objects)
