"""Where a prepared city is kept: nothing that it was made from may differ under one name."""

import shutil
from pathlib import Path

from csr_console.demo.prepared import REVISIONS, city_folder


def test_a_city_is_kept_apart_by_size_and_by_schema(tmp_path: Path) -> None:
    revisions = tmp_path / "versions"
    shutil.copytree(REVISIONS, revisions, ignore=shutil.ignore_patterns("__pycache__"))
    root = tmp_path / "cities"
    kept = city_folder(root, 120, None)
    assert kept.parent == root
    assert kept != city_folder(root, 121, None)
    assert kept == city_folder(root, 120, None, revisions)
    first = next(revisions.glob("r0001*.py"))
    first.write_text(first.read_text(encoding="utf-8") + "\n# another column\n", encoding="utf-8")
    changed = city_folder(root, 120, None, revisions)
    assert changed != kept
    (revisions / "r9999_more.py").write_text("", encoding="utf-8")
    assert city_folder(root, 120, None, revisions) not in (kept, changed)
