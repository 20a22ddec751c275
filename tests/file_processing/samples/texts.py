"""Text of every sort, and what looks like one sort and is another."""

from __future__ import annotations

import json

PROSE = (
    "The harbour is quiet at night. Ships come in with the tide,\nand leave before the town wakes up.\n\nNobody asks.\n"
)
CSV = 'id,name,price\n1,lamp,9.50\n2,chair,20.00\n3,"table, round",75.25\n'
PAGE = "<!DOCTYPE html>\n<html lang=en><head><title>Hi</title></head><body><p>One, two</p></body></html>\n"
OBJECTS = "".join(json.dumps({"id": number, "name": f"n{number}", "tags": ["a", "b"]}) + "\n" for number in range(9))
CLF = '203.0.113.9 - frank [10/Oct/2026:13:55:36 -0700] "GET /a?b=1 HTTP/1.1" 200 2326\n'
COMBINED = CLF[:-1] + ' "https://example.com/start" "Mozilla/5.0 (X11; Linux) \\"quoted\\""\n'
S3 = (
    f"{'79a5' * 16} amzn-bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 {'79a5' * 16} 3E57427F3EXAMPLE REST.GET.OBJECT "
    'key.txt "GET /amzn-bucket/key.txt HTTP/1.1" 200 - 113 113 7 6 "-" "S3Console/0.4" - s9lzHY= SigV4 TLS - - - -\n'
)
ALB = (
    "https 2026-07-02T22:23:00.186641Z app/my-balancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 "
    '0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" TLS_AES_128 TLSv1.2 '
    'arn:aws:x "Root=1-58" "-"\n'
)
CLOUDFRONT = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n"
    "2026-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\n"
)
MARKDOWN = (
    "# Harbour\n\nShips **come** in, see [the table](https://example.com/tides).\n\n- at night\n- with the tide\n"
)
README = (
    '<h1 align="center">\n  <img src="logo.png">\n</h1>\n\nSee [the docs](docs/index.md) for **more**.\n\n'
    "```sh\nrun\n```\n"
)
CODE = (
    "import os\n\n# Names\n\ndef names(path):\n    # All of them\n"
    "    return [call[name](path) for name in os.listdir(path)]\n"
)
IMPORTS = (
    "from ._generator import Generator, default_rng\nfrom ._mt19937 import MT19937\nfrom ._pcg64 import PCG64, A\n"
)
FORTRAN = "\tPROGRAM BOO\n\tCALL FOO()\n\tEND\n"
HEADER = (
    "/*\n * Ships\n *\n * - see [the docs](https://example.com)\n * - and `this`\n */\n\n# define A\n\n"
    "int ship(int);\nint tide(\n    int,\n    int);\n"
)
YAML = "# Settings\n\nname: harbour\nports:\n  - 80\n  - 443\nlabels: {a: b}\n"
SHELL = "#!/bin/sh\n\n# Build\n\nmake `pwd`\n\n- x\n"
LOG = "2026-11-26 10:00:00,123 INFO start\n2026-11-26 10:00:01,456 INFO stop\n2026-11-26 10:00:02,001 WARN again\n"
SQL = "INSERT INTO t VALUES (1,'a',2);\nINSERT INTO t VALUES (2,'b',3);\nINSERT INTO t VALUES (3,'c',4);\n" * 2
POEM = "Roses are red,\nViolets are blue,\nSugar is sweet,\nAnd so are you.\n"
LETTER = "Dear Sir, thank you\nfor the ship, which we\ngot today, and which\nis fine, as you\n"
TSV, SEMICOLONS, BARS = (CSV.replace(", ", " ").replace(",", mark) for mark in "\t;|")


def samples() -> dict[str, bytes]:
    """Whatever is text."""
    return {name: text.encode() for name, text in (_rows() | _notation() | _logs() | _prose()).items()} | _encoded()


def _rows() -> dict[str, str]:
    numbers = "".join(f"{number},{number * 7},{number * 1.5}\n" for number in range(20))
    return {
        "csv/commas": CSV,
        "csv/tabs": TSV,
        "csv/semicolons": SEMICOLONS,
        "csv/bars": BARS,
        "csv/of windows": CSV.replace("\n", "\r\n"),
        "csv/of old macs": CSV.replace("\n", "\r"),
        "csv/bad rows": CSV + "4,too few\n5,a,b,too many\n6,lamp,1\n",
        "csv/lines in fields": 'id,note,x\n1,"one\ntwo, three",2\n2,"four",3\n',
        "csv/a header alone": "order_id,name,price\n",
        "csv/no header": numbers,
        "csv/numbered by pandas": ",name,price\n0,a,1\n1,b,2\n",
        "csv/years": "Country,2024,2025,2026\nFR,1,2,3\nDE,4,5,6\n",
        "csv/spaces after commas": "id, name, price\n1, a, 2\n2, b, 3\n3, c, 4\n",
        "csv/spaces in two columns": "seed, value\n" + "".join(f"{number}, {number * 7:#x}\n" for number in range(30)),
        "csv/two columns": "word,count\nharbour,2\nship,1\n",
        "csv/questions": "When,Do you like it?,Why?\n9:00,Yes (a lot),So; so\n9:05,No,Never (ever)\n",
        "csv/names in quotes": '"#","Any good?","Notes, if any"\n"1","Yes (very)","a; b"\n"2","No",""\n',
        "csv/cells with markup": "id,html,x\n1,<p>a</p>,2\n2,<b>b</b>,3\n",
    }


def _notation() -> dict[str, str]:
    document = {"orders": [{"id": number, "price": number / 3, "ok": True, "none": None} for number in range(9)]}
    return {
        "json/compact": json.dumps(document),
        "json/indented": json.dumps(document, indent=2) + "\n",
        "json/list": json.dumps([1, 2.5, "three", None, {"a": [[]]}]),
        "json/list of rows": "[\n" + ",\n".join(OBJECTS.splitlines()) + "\n]\n",
        "json/empty object": "{}",
        "json/one object on its line": '{"id": 1}\n',
        "json/a mistake": '{"id": 1, "name": "lamp" "price": 3}',
        "json/a long number": "[" + "1" * 9000 + "]",
        "json/nested without end": "[" * 40_000,
        "json/markup within": json.dumps({"page": PAGE}),
        "json_lines/objects": OBJECTS,
        "json_lines/bad lines": OBJECTS + '{"id": 9, "name":\nnonsense\n',
        "json_lines/empty lines between": OBJECTS.replace("\n", "\n\n"),
    }


def _logs() -> dict[str, str]:
    return {
        "access_log/common": CLF * 3,
        "access_log/combined": COMBINED * 3,
        "access_log/one line": CLF,
        "access_log/bad lines": CLF * 3 + "nonsense\n",
        "access_log/user with spaces": CLF.replace("frank", "Frank N Stein"),
        "access_log/s3": S3 * 2,
        "access_log/load balancer": ALB * 2,
        "access_log/cloudfront": CLOUDFRONT,
        "access_log/cloudfront without its version": CLOUDFRONT.partition("\n")[2],
        "access_log/cloudfront without requests": "".join(CLOUDFRONT.splitlines(keepends=True)[:2]),
    }


def _prose() -> dict[str, str]:
    return {
        "html/page": PAGE,
        "html/without doctype": "<html><body>Hi</body></html>",
        "html/after a comment": "\n<!-- saved -->\n" + PAGE,
        "html/xhtml": '<?xml version="1.0"?>\n' + PAGE.replace("html>", "html PUBLIC '-//W3C//DTD XHTML 1.0'>", 1),
        "html/piece": "<div class='a'><p>One</p><p>Two, three</p></div>\n",
        "html/bookmarks": "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p>\n",
        "html/title first": "<title>Old</title>\n<p>Hello\n",
        "markdown/marks": MARKDOWN,
        "markdown/begins with tags": README,
        "markdown/front matter": "---\ntitle: Tides\ndate: 2026-11-26\ntags: a\n---\n\n" + MARKDOWN,
        "markdown/with much code": MARKDOWN + "\n```c\n" + "int a = 1;\n" * 40 + "```\n",
        "text/prose": PROSE,
        "text/code": CODE,
        "text/imports": IMPORTS,
        "text/tabs before lines": FORTRAN,
        "text/marks in comments": HEADER,
        "text/yaml": YAML,
        "text/shell": SHELL,
        "text/log": LOG,
        "text/sql": SQL,
        "text/poem": POEM,
        "text/letter": LETTER,
        "text/xml": '<?xml version="1.0"?>\n<orders><order id="1"/></orders>\n',
        "text/ini": "[section]\na = 1\nb = 2\n",
        "text/footnotes": "[1] First.\n[2] Second.\n",
        "text/json scalar": '"alone"\n',
        "text/one word": "harbour",
        "text/colours": "\x1b[31mred\x1b[0m and plain, on a terminal\n",
        "text/log of iis": "#Software: IIS\n#Version: 1.0\n#Fields: date time c-ip\n2026-12-04 21:02:31 192.0.2.1\n",
        "unknown/rich text": r"{\rtf1\ansi Hello\par}",
    }


def _encoded() -> dict[str, bytes]:
    german = "Größe, Maß und Übermut sind schöne Wörter für ein Spiel ohne Grenzen im Süden.\n"
    return {
        "text/latin-1": german.encode("latin-1"),
        "text/windows": b"\x93Quoted\x94 \x96 and that\x92s it, said the harbour master to the crew\n",
        "text/utf-8 with mark": german.encode("utf-8-sig"),
        "text/utf-16": german.encode("utf-16"),
        "text/utf-16 without mark": german.encode("utf-16-le"),
        "text/utf-16 big endian": german.encode("utf-16-be"),
        "text/utf-32": german.encode("utf-32"),
        "text/japanese": "港は夜、静かです。船は潮に乗って入り、町が目を覚ます前に出て行きます。\n".encode(),
        "csv/utf-16": CSV.encode("utf-16"),
        "csv/latin-1": CSV.replace("lamp", "Lämpchen").encode("latin-1"),
        "json/utf-8 with mark": b"\xef\xbb\xbf" + b'{"a": [1]}',
        "csv/a bad byte": "номер,имя,цена\n1,лампа,9\n2,".encode() + b"\xd1,20\n" + "3,стол,75\n".encode(),
        "json/a bad byte": f'{{"имя": "{"Гавань ночью тиха. " * 5}'.encode() + b'\xff"}',
        "text/a bad byte": "Гавань ночью тиха. ".encode() * 5 + b"\xff\n",
        "text/a bad byte after a mark": b"\xef\xbb\xbf" + "Гавань ночью тиха. ".encode() * 5 + b"\xff\n",
        **{f"text/{byte:x} in ascii": PROSE.encode() + bytes([byte]) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)},
        "text/access log in utf-16": (CLF * 3).encode("utf-16"),
        "unknown/windows-1251": ("Гавань ночью тиха. " * 5).encode("cp1251"),
        "unknown/shift-jis": ("港は夜、静かです。" * 5).encode("shift-jis"),
    }
