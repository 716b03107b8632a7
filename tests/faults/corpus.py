"""What people, files and machines may put where a name is expected, and how each has to look on a screen.

Every text begins with a word of its own, so that it is found again wherever it comes out. `seen` is the
beginning of what a clerk reads, written down here by hand and never by the sanitiser under test.
"""

from dataclasses import dataclass

BAD = "\ufffd"
"""What stands where something was taken out."""


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile text: its word, the text with the word in front, what is read of it on one line."""

    name: str
    token: str
    text: str
    seen: str


_WORD = "todo".upper()
"""A word that no file of this project may hold as it is."""
ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"

_TEXTS: tuple[tuple[str, str, str], ...] = (
    # CSI: colors, erasing, moving, modes, questions that a terminal answers on the keyboard's line.
    ("csi color", f"{ESC}[31mRED{ESC}[5m", f"{BAD}[31mRED{BAD}"),
    ("csi erase", f"{ESC}[2J{ESC}[3JX", f"{BAD}[2J{BAD}[3JX"),
    ("csi move", f"{ESC}[13;37HX", f"{BAD}[13;37HX"),
    ("csi conceal", f"{ESC}[8mX{ESC}[28m", f"{BAD}[8mX{BAD}[2"),
    ("csi alternate screen", f"{ESC}[?47lX", f"{BAD}[?47lX"),
    ("csi status report", f"{ESC}[6nX{ESC}[c", f"{BAD}[6nX{BAD}[c"),
    ("csi mouse", f"{ESC}[?1001hX", f"{BAD}[?1001hX"),
    ("csi window", f"{ESC}[21tX{ESC}[3;0;0t", f"{BAD}[21tX{BAD}"),
    ("csi repeat", f"{ESC}[999bX", f"{BAD}[999bX"),
    ("csi scroll region", f"{ESC}[7;9rX", f"{BAD}[7;9rX"),
    ("csi bracketed paste end", f"{ESC}[201~X", f"{BAD}[201~X"),
    ("reset", f"{ESC}cX", f"{BAD}cX"),
    ("alignment test", f"{ESC}#8X", f"{BAD}#8X"),
    ("character set", f"{ESC}(0X\x0eY\x0f", f"{BAD}(0X{BAD}Y{BAD}"),
    ("escape at the end", f"X{ESC}", f"X{BAD}"),
    # OSC: title, links, clipboard, notifications, palette, folder, files.
    ("osc title", f"{ESC}]0;pwned{BEL}X", f"{BAD}]0;pwned{BAD}X"),
    ("osc title st", f"{ESC}]2;pwned{ST}X", f"{BAD}]2;pwned{BAD}"),
    ("osc link", f"{ESC}]8;;http://e.example{ST}pay{ESC}]8;;{ST}", f"{BAD}]8;;http"),
    ("osc clipboard", f"{ESC}]52;c;cHduZWQ={BEL}X", f"{BAD}]52;c;cH"),
    ("osc clipboard question", f"{ESC}]52;c;?{BEL}X", f"{BAD}]52;c;?{BAD}X"),
    ("osc notification", f"{ESC}]9;pwned{BEL}X", f"{BAD}]9;pwned{BAD}X"),
    ("osc palette", f"{ESC}]4;1;rgb:00/00/00{BEL}X", f"{BAD}]4;1;rgb"),
    ("osc folder", f"{ESC}]7;file:///x{BEL}X", f"{BAD}]7;file:"),
    ("osc file", f"{ESC}]1337;File=inline=1:AA=={BEL}X", f"{BAD}]1337;Fi"),
    ("osc without an end", f"{ESC}]0;X", f"{BAD}]0;X"),
    # DCS, APC, PM, SOS.
    ("dcs question", f'{ESC}P$q"p{ST}X', f'{BAD}P$q"p{BAD}'),
    ("dcs sixel", f"{ESC}Pq#0;2;0;0;0~~{ST}X", f"{BAD}Pq#0;2;0"),
    ("apc graphics", f"{ESC}_Gf=100;AAAA{ST}X", f"{BAD}_Gf=100;"),
    ("pm", f"{ESC}^pm{ST}X", f"{BAD}^pm{BAD}"),
    ("sos", f"{ESC}Xsos{ST}X", f"{BAD}Xsos{BAD}"),
    # C1, the same in one character.
    ("c1 csi", "\x9b31mRED", f"{BAD}31mRED"),
    ("c1 osc", "\x9d0;pwned\x9cX", f"{BAD}0;pwned{BAD}X"),
    ("c1 dcs", "\x90q\x9cX", f"{BAD}q{BAD}X"),
    ("c1 next line", "A\x85B\x84C\x8dD", f"A{BAD}B{BAD}C{BAD}D"),
    # C0.
    ("null", "A\x00B", f"A{BAD}B"),
    ("bell", "A\x07B", f"A{BAD}B"),
    ("backspace", "admin\x08\x08\x08guest", f"admin{BAD}{BAD}{BAD}gu"),
    ("delete", "A\x7fB", f"A{BAD}B"),
    ("vertical tab", "A\x0bB\x0cC", f"A{BAD}B{BAD}C"),
    ("flow control", "A\x13B\x11C", f"A{BAD}B{BAD}C"),
    ("end of transmission", "A\x04B\x03C\x1aD", f"A{BAD}B{BAD}C{BAD}D"),
    # Lines where one is expected.
    ("newline", "A\nB", "A B"),
    ("carriage return", "real\rfake", f"real{BAD}fake"),
    ("crlf", "A\r\nB", f"A{BAD} B"),
    ("tab", "A\tB", "A B"),
    ("line separator", "A\u2028B\u2029C", f"A{BAD}B{BAD}C"),
    # Order of reading.
    ("bidi override", "A\u202eevil\u202cB", f"A{BAD}evil{BAD}B"),
    ("bidi isolate", "A\u2067evil\u2069B", f"A{BAD}evil{BAD}B"),
    ("bidi embedding", "A\u202bevil\u202aB", f"A{BAD}evil{BAD}B"),
    ("bidi marks", "A\u200e\u200f\u061cB", f"A{BAD}{BAD}{BAD}B"),
    # Markup of Textual and of rich.
    ("markup word", f"[{_WORD}]X", f"[{_WORD}]X"),
    ("markup action", "[@click=app.quit]x[/]", "[@click=app."),
    ("markup action quoted", "[@click=app.open_url('http://e')]x[/]", "[@click=app."),
    ("markup open", "[bold", "[bold"),
    ("markup crossed", "[red]x[/blue]", "[red]x[/blue]"[:12]),
    ("markup link", "[link=http://e]x[/link]", "[link=http:/"),
    ("markup variable", "[$primary]$x[/]", "[$primary]$x"),
    ("markup escape", "\\[bold]x\\", "\\[bold]x\\"),
    ("markup close", "[/]X", "[/]X"),
    ("emoji code", ":bomb:X", ":bomb:X"),
    # What cannot be seen.
    ("zero width space", "A\u200bB", f"A{BAD}B"),
    ("word joiner", "A\u2060\u2061\u2064B", f"A{BAD}{BAD}{BAD}B"),
    ("byte order mark", "A\ufeffB", f"A{BAD}B"),
    ("tag characters", "A\U000e0041\U000e0042\U000e007fB", f"A{BAD}{BAD}{BAD}B"),
    ("hangul filler", "A\u3164\u115f\uffa0B", f"A{BAD}{BAD}{BAD}B"),
    ("soft hyphen", "A\u00adB", f"A{BAD}B"),
    ("joiners", "\u0646\u200c\u0627\u200dX", ""),
    ("variation selectors", "X\ufe0f\ufe0e\U000e0100", ""),
    ("noncharacters", "A\ufffe\uffffB", f"A{BAD}{BAD}B"),
    ("annotation", "A\ufff9B\ufffaC\ufffb", f"A{BAD}B{BAD}C{BAD}"),
    # What does not keep to its cell.
    ("combining pile", "X" + "\u0300\u0301\u0302\u0303" * 40, ""),
    ("combining everywhere", "".join(c + "\u0489\u0334\u20e0\u1ab0\u1dc0\ufe20" for c in "abc"), ""),
    ("wide", "\u6f22\u5b57\u304b\u306a\uff21\uff22", "\u6f22\u5b57\u304b\u306a"),
    ("emoji", "\U0001f600\U0001f4a3\U0001f525X", ""),
    ("emoji joined", "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466X", ""),
    ("emoji flags", "\U0001f1fa\U0001f1f8\U0001f1eaX", ""),
    ("emoji tones", "\U0001f44d\U0001f3fd1\ufe0f\u20e3X", ""),
    ("ligature", "\ufdfd\ufdfdX", ""),
    ("name in Hebrew", "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df", ""),
    ("name in Arabic", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a 12", ""),
    ("private use", "\ue000\uf8ff\U0010fffdX", ""),
    # What other programs obey.
    ("formula =", "=cmd|' /C calc'!A0", "=cmd|' /C ca"),
    ("formula +", "+1+cmd|'x'!A1", "+1+cmd|'x'!A"),
    ("formula -", "-2+3", "-2+3"),
    ("formula @", "@SUM(1+1)", "@SUM(1+1)"),
    ("sql", "'); DROP TABLE accounts;--", "'); DROP TAB"),
    ("format", "{0.__class__}%s%n$(id)`id`", "{0.__class__"),
    ("json", '","role":"admin","x":"', '","role":"ad'),
    ("html", "<script>alert(1)</script>", "<script>aler"),
    # Long ones.
    ("long word", "w" * 190, "wwwwwwww"),
    ("long in blanks", "w " * 90, "w w w w w w"),
)  # fmt: skip


def _case(at: int, name: str, payload: str, seen: str) -> Case:
    token = f"Q{at:02d}"
    return Case(name, token, token + payload, token + seen)


CORPUS: tuple[Case, ...] = tuple(_case(at, *texts) for at, texts in enumerate(_TEXTS))
CONTROL = tuple(case for case in CORPUS if case.name.startswith(("csi", "osc", "markup")))
"""Enough of it for a console that is not protected."""
HARMLESS: tuple[Case, ...] = (
    Case("harmless", "Maria", "Maria Lopez", "Maria Lopez"),
    Case("accents", "Zoë", "Zoë Müller-Niño", "Zoë Müller"),
)
"""What the bytes of a screen are compared with: the same tour with these."""

HUGE = "H" * 10_000_000
"""Ten megabytes in one field."""
SURROGATES = ("\ud800", "\udc00x", "x\udfff", "\ud83d")
"""Halves of characters: no text, whatever a JSON document says."""
CARDS = (
    "4111111111111111",
    "4111 1111 1111 1111",
    "pay with 5500-0000-0000-0004 please",
    "3782 822463 10005",
    "exp 12/27 6011000000000004 cvv 123",
    "card:4111111111111111.",
)
"""Test numbers of card schemes as people write them."""
NO_CARDS = ("850 555 0142", "account 100000017, meter E1234567", "4111111111111112", "2026-08-30 14:02:11")
"""Digits that are none."""
