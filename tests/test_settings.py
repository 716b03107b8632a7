"""Settings are read from one file, and a wrong one says what to write."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.settings import SettingsError, load, parse


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_two_lines_are_enough(tmp_path: Path) -> None:
    settings = load(write(tmp_path, 'station = "C07"\ncentral = "https://central.example.gov"\n'))
    assert (settings.station, settings.theme, settings.lock_after_minutes) == ("C07", "dark", 10)


def test_a_missing_file_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="csr-console demo"):
        load(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('station = "front desk"', "station: write a capital letter"),
        ('central = "http://central.example.gov"', "central: write an https address"),
        ('theme = "pink"', "theme: write one of dark"),
        ("lock_after_minutes = 31", "lock_after_minutes: write a whole number from 1 to 30"),
        ("lock_after_minutes = true", "lock_after_minutes: write"),
        ("receipt_columns = 40", "receipt_columns: write 42 or 48"),
        ('receipt_printer = "lp0"', "receipt_printer: write tcp://10.0.0.7"),
        ('letterhead = "City"', "letterhead: write up to six lines"),
        ('pay_places = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]', "pay_places: write up to eight lines"),
        ('colour = "red"', "colour: there is no such setting"),
    ],
)
def test_each_wrong_setting_gets_its_sentence(tmp_path: Path, line: str, words: str) -> None:
    good = ['station = "C07"', 'central = "https://central.example.gov"']
    kept = [other for other in good if other.split()[0] != line.split(maxsplit=1)[0]]
    with pytest.raises(SettingsError, match=words):
        load(write(tmp_path, "\n".join([*kept, line])))


def test_another_encoding_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes('station = "C07"'.encode("utf-16"))
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path)


def test_a_broken_file_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="line 1"):
        load(write(tmp_path, 'station = \ncentral = "https://central.example.gov"'))


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.lists(st.text()))))
def test_any_document_without_a_station_gets_a_sentence(document: dict[str, object]) -> None:
    document.pop("station", None)
    with pytest.raises(SettingsError, match="station: is missing"):
        parse(document, Path("settings.toml"))
