"""The running hash of a snapshot: a row that is lost, added, changed or moved shows."""

from hypothesis import given
from hypothesis import strategies as st

from csr_console.contracts.feed import ChangeRow, chained

rows = st.builds(
    ChangeRow,
    seq=st.integers(1, 10**6),
    entity=st.sampled_from(["account", "report", "hazard", "planned"]),
    key=st.text("0123456789", min_size=1, max_size=9),
    op=st.just("upsert"),
    body=st.dictionaries(st.sampled_from(["name", "version"]), st.integers(0, 9) | st.text(max_size=5)),
)


@given(st.lists(rows, min_size=1, max_size=6, unique_by=lambda row: row.seq), st.data())
def test_the_hash_sees_every_change_of_a_page(page: list[ChangeRow], data: st.DataObject) -> None:
    whole = chained("", page)
    place = data.draw(st.integers(0, len(page) - 1))
    changed = page[place].model_copy(update={"seq": page[place].seq + 1})
    assert chained("", page[:place] + page[place + 1 :]) != whole
    assert chained("", [*page[:place], changed, *page[place + 1 :]]) != whole
    if len(page) > 1:
        assert chained("", [*page[1:], page[0]]) != whole


@given(st.lists(rows, max_size=4), st.lists(rows, max_size=4))
def test_each_page_depends_on_the_pages_before_it(first: list[ChangeRow], second: list[ChangeRow]) -> None:
    assert chained(chained("", first), second) != chained("", second)


@given(st.lists(rows, max_size=4))
def test_a_page_that_travelled_has_the_same_hash(page: list[ChangeRow]) -> None:
    travelled = [ChangeRow.model_validate_json(row.model_dump_json()) for row in page]
    assert chained("", travelled) == chained("", page)


def test_a_tombstone_has_no_body() -> None:
    tombstone = ChangeRow(seq=3, entity="report", key="1", op="delete")
    assert "body" not in tombstone.model_dump(exclude_none=True)
