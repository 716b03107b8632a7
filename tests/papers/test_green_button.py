"""Green Button: the rules of the ESPI schema, and the quantities read back.

The rules below are those of espiDerived.xsd of NAESB REQ.21 as the OpenESPI project published it: the
children of each resource in their order, and the codes of its enumerations.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.papers import views

from csr_console.contracts.views.bills import UseMonth
from csr_console.contracts.views.hours import HoursBlock, HoursView
from csr_console.papers.green_button import MEASURES, POWERS, green_button_xml, whole_power
from csr_console.papers.usage_csv import COLUMNS, usage_csv

ATOM, ESPI = "{http://www.w3.org/2005/Atom}", "{http://naesb.org/espi}"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 9, 8, 12, tzinfo=UTC)
FEED = UUID(int=5)
SEQUENCES = {
    "UsagePoint": ("roleFlags", "ServiceCategory", "status", "ServiceDeliveryPoint"),
    "ServiceCategory": ("kind",),
    "LocalTimeParameters": ("dstEndRule", "dstOffset", "dstStartRule", "tzOffset"),
    "MeterReading": (),
    "ReadingType": (
        "accumulationBehaviour", "commodity", "consumptionTier", "currency", "dataQualifier",
        "defaultQuality", "flowDirection", "intervalLength", "kind", "phase", "powerOfTenMultiplier",
        "timeAttribute", "tou", "uom", "cpp", "interharmonic", "measuringPeriod", "argument",
    ),
    "IntervalBlock": ("interval", "IntervalReading"),
    "IntervalReading": ("cost", "ReadingQuality", "timePeriod", "value", "consumptionTier", "tou", "cpp"),
    "ReadingQuality": ("quality",),
    "interval": ("duration", "start"),
    "timePeriod": ("duration", "start"),
}  # fmt: skip
REQUIRED = {
    "LocalTimeParameters": SEQUENCES["LocalTimeParameters"],
    "ServiceCategory": ("kind",),
    "ReadingQuality": ("quality",),
}
CODES = {
    "accumulationBehaviour": {0, 1, 2, 3, 4, 6, 9, 10, 12, 13, 14},
    "commodity": set(range(26)),
    "dataQualifier": {0, 2, 4, 5, 7, 8, 9, 11, 12, 16, 17, 23, 24, 25, 26},
    "flowDirection": {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21},
    "powerOfTenMultiplier": {-12, -9, -6, -3, -2, -1, 0, 1, 2, 3, 6, 9, 12},
    "timeAttribute": {0, 8, 11, 13, 22, 24, 32},
    "quality": {0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19},
    "currency": {840},
}
UOM_MEANS = {72: "Wh", 119: "cubic feet", 128: "US gallons", 169: "therm"}
INT48 = 140737488355328


def mistakes(node: ElementTree.Element) -> list[str]:
    """What a resource has against the schema."""
    name = node.tag.removeprefix(ESPI)
    names = [child.tag.removeprefix(ESPI) for child in node]
    found = []
    if name in SEQUENCES:
        order = SEQUENCES[name]
        if unknown := [child for child in names if child not in order]:
            return [f"{name} has {unknown}"]
        places = [order.index(child) for child in names]
        if places != sorted(places):
            found.append(f"{name}: order {names}")
        many = {"IntervalReading", "ReadingQuality"}
        found += [f"{name}: two {child}" for child in set(names) - many if names.count(child) > 1]
        found += [f"{name} lacks {child}" for child in REQUIRED.get(name, ()) if child not in names]
    elif names:
        found.append(f"{name} has children")
    elif name.endswith("Rule"):
        if not re.fullmatch("([0-9A-F]{2}){1,4}", node.text or ""):
            found.append(f"{name} is {node.text}")
    elif not re.fullmatch(r"-?\d+", node.text or "") or abs(int(node.text or 0)) > INT48:
        found.append(f"{name} is {node.text}")
    elif name in CODES and int(node.text or 0) not in CODES[name]:
        found.append(f"{name} has no {node.text}")
    return found + [mistake for child in node for mistake in mistakes(child)]


def made(use: list[UseMonth]) -> ElementTree.Element:
    return ElementTree.fromstring(green_button_xml(use, FEED, NOW, ZONE))


def resources(feed: ElementTree.Element, name: str) -> list[tuple[ElementTree.Element, ElementTree.Element]]:
    """Each entry that holds such a resource, and the resource."""
    found = []
    for entry in feed.iter(f"{ATOM}entry"):
        node = entry.find(f"{ATOM}content/{ESPI}{name}")
        if node is not None:
            found.append((entry, node))
    return found


def links(entry: ElementTree.Element, rel: str) -> list[str]:
    return [link.attrib["href"] for link in entry.findall(f"{ATOM}link") if link.attrib["rel"] == rel]


def number(node: ElementTree.Element, path: str) -> int:
    text = node.findtext("/".join(f"{ESPI}{part}" for part in path.split("/")))
    assert text is not None
    return int(text)


def test_every_resource_keeps_the_rules_of_the_schema() -> None:
    feed = made(views.use())
    contents = feed.findall(f"{ATOM}entry/{ATOM}content")
    assert len(contents) == 1 + 4 * 3
    for content in contents:
        assert len(content) == 1
        assert mistakes(content[0]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "<ReadingType xmlns='http://naesb.org/espi'><uom>72</uom><kind>12</kind></ReadingType>",
        "<ReadingType xmlns='http://naesb.org/espi'><powerOfTenMultiplier>4</powerOfTenMultiplier></ReadingType>",
        "<LocalTimeParameters xmlns='http://naesb.org/espi'><dstEndRule>B40E2000</dstEndRule></LocalTimeParameters>",
        "<IntervalBlock xmlns='http://naesb.org/espi'><customer>1</customer></IntervalBlock>",
        "<IntervalReading xmlns='http://naesb.org/espi'><value>1.5</value></IntervalReading>",
        f"<IntervalReading xmlns='http://naesb.org/espi'><value>{INT48 + 1}</value></IntervalReading>",
    ],
)
def test_the_rules_find_what_is_wrong(wrong: str) -> None:
    assert mistakes(ElementTree.fromstring(wrong))


def test_the_feed_is_atom_and_its_links_lead_to_its_entries() -> None:
    feed = made(views.use())
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for part in (feed, *entries):
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", part.findtext(f"{ATOM}id") or "")
        assert part.findtext(f"{ATOM}updated") == "2026-09-08T12:00:00Z"
        assert part.find(f"{ATOM}title") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    own = [link for entry in entries for link in links(entry, "self")]
    assert len(set(own)) == len(entries)
    up = {link for entry in entries for link in links(entry, "up")}
    related = {link for entry in entries for link in links(entry, "related")}
    assert related <= {*own, *up}


def test_the_services_and_their_units() -> None:
    feed = made(views.use())
    kinds = [number(node, "ServiceCategory/kind") for _, node in resources(feed, "UsagePoint")]
    assert sorted(kinds) == [0, 1, 2]
    types = {
        (number(node, "commodity"), number(node, "uom"), number(node, "powerOfTenMultiplier"))
        for _, node in resources(feed, "ReadingType")
    }
    assert types == {(1, 72, 3), (7, 119, 2), (9, 128, 0)}
    assert {measure.uom for measure in MEASURES.values()} == set(UOM_MEANS)


def read_back(feed: ElementTree.Element) -> list[tuple[int, Decimal, date, date, int, bool]]:
    """Unit, quantity in it, first and last day, cents and whether estimated, by following the links."""
    types = {links(entry, "self")[0]: node for entry, node in resources(feed, "ReadingType")}
    readings = {links(entry, "related")[0]: entry for entry, _ in resources(feed, "MeterReading")}
    found = []
    for entry, block in resources(feed, "IntervalBlock"):
        reading = readings[links(entry, "up")[0]]
        (kind,) = (types[link] for link in links(reading, "related") if link in types)
        starts = []
        for node in block.findall(f"{ESPI}IntervalReading"):
            start, duration = number(node, "timePeriod/start"), number(node, "timePeriod/duration")
            first, end = (datetime.fromtimestamp(at, ZONE) for at in (start, start + duration))
            assert (first.hour, end.hour) == (0, 0)
            starts += [start, start + duration]
            quantity = Decimal(number(node, "value")).scaleb(number(kind, "powerOfTenMultiplier"))
            last = (end - timedelta(days=1)).date()
            estimated = number(node, "ReadingQuality/quality") == 8
            found.append(
                (number(kind, "uom"), quantity, first.date(), last, number(node, "cost") // 1000, estimated)
            )
        whole = number(block, "interval/start"), number(block, "interval/duration")
        assert whole == (starts[0], starts[-1] - starts[0])
        assert starts == sorted(starts)
    return found


def test_every_quantity_period_and_cost_comes_back() -> None:
    use = views.use()
    to_base = {"kWh": (72, 3), "gal": (128, 0), "CCF": (119, 2)}
    expected = [
        (
            to_base[month.unit][0],
            month.usage.scaleb(to_base[month.unit][1]),
            month.last_day - timedelta(days=month.days - 1),
            month.last_day,
            month.cents,
            month.estimated,
        )
        for month in use
    ]
    assert sorted(read_back(made(use))) == sorted(expected)
    assert any(estimated for *_, estimated in expected)


def test_a_period_over_the_change_of_clocks_is_an_hour_longer_or_shorter() -> None:
    node = resources(made(views.use()), "IntervalBlock")[0][1]
    durations = {number(one, "timePeriod/duration") for one in node.findall(f"{ESPI}IntervalReading")}
    assert durations == {30 * 86400, 30 * 86400 - 3600, 30 * 86400 + 3600}
    (_, local), *_ = resources(made(views.use()), "LocalTimeParameters")
    assert (number(local, "tzOffset"), number(local, "dstOffset")) == (-18000, 3600)


def test_nothing_about_the_person_is_in_it() -> None:
    text = green_button_xml(views.use(), FEED, NOW, ZONE).decode()
    view = views.account_view()
    private = (
        view.entry.account,
        view.entry.name,
        "Pensacola",
        "90210",
        *view.entry.meters,
        *view.entry.phones,
    )
    assert not [word for word in private if word in text]
    assert "RetailCustomer" not in text


def test_what_espi_has_no_words_for_is_left_out() -> None:
    month = views.use()[0]
    odd = [month.model_copy(update=one) for one in ({"service": "sewer"}, {"unit": "acre-feet"}, {"days": 0})]
    assert resources(made(odd), "UsagePoint") == []
    assert made([]).find(f"{ATOM}entry") is not None


@given(st.lists(st.decimals(0, 10**7, places=3), min_size=1), st.sampled_from([0, 2, 3, 6]))
def test_the_power_of_ten_leaves_no_fraction(values: list[Decimal], power: int) -> None:
    chosen = whole_power(values, power)
    assert chosen in POWERS
    assert chosen <= power
    for value in values:
        assert Decimal(int(value.scaleb(power - chosen))).scaleb(chosen - power) == value


def test_the_same_use_has_the_same_bytes() -> None:
    assert green_button_xml(views.use(), FEED, NOW, ZONE) == green_button_xml(views.use(), FEED, NOW, ZONE)


def test_the_table_has_a_row_for_every_bill_and_no_formula() -> None:
    import csv

    month = views.use()[0].model_copy(update={"service": "=HYPERLINK(1)", "unit": "+cmd|calc"})
    use = [*views.use(), month]
    rows = list(csv.DictReader(usage_csv(use).decode().splitlines()))
    assert len(rows) == len(use)
    assert tuple(rows[0]) == COLUMNS
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "@"))]
    electric = [row for row in rows if row["service"] == "electric"]
    assert [row["last_day"] for row in electric] == sorted(row["last_day"] for row in electric)
    assert electric[-1]["use"] == "1182"
    assert electric[-1]["dollars"] == "100.00"
    assert {row["estimated"] for row in electric} == {"yes", "no"}


def hourly() -> HoursView:
    """Electricity of the night on which the clocks went back, one hour of it estimated and one missing."""
    start = datetime(2025, 11, 2, tzinfo=ZONE)
    first = HoursBlock(starts_at=start, values=[Decimal("0.25")] * 3, estimated=[1])
    second = HoursBlock(starts_at=start + timedelta(hours=3), values=[Decimal("1.125")] * 21)
    return HoursView(service="electric", meter="E1", unit="kWh", minutes=60, blocks=[first, second])


def test_hours_are_a_reading_of_their_own_beside_the_bills() -> None:
    feed = ElementTree.fromstring(green_button_xml(views.use(), FEED, NOW, ZONE, [hourly()]))
    plain = made(views.use())
    assert [one for content in feed.iter(f"{ATOM}content") for one in mistakes(content[0])] == []
    assert len(resources(feed, "UsagePoint")) == len(resources(plain, "UsagePoint"))
    assert len(resources(feed, "IntervalBlock")) == len(resources(plain, "IntervalBlock")) + 2
    own = [link for entry in feed.iter(f"{ATOM}entry") for link in links(entry, "self")]
    assert len(own) == len(set(own))
    types = [
        node for _, node in resources(feed, "ReadingType") if node.find(f"{ESPI}intervalLength") is not None
    ]
    (kind,) = types
    assert (number(kind, "intervalLength"), number(kind, "uom"), number(kind, "commodity")) == (3600, 72, 1)
    scale = Decimal(10) ** number(kind, "powerOfTenMultiplier")
    read = [
        (number(one, "timePeriod/start"), number(one, "value") * scale, number(one, "ReadingQuality/quality"))
        for entry, block in resources(feed, "IntervalBlock")
        if any("MeterReading/2" in link for link in links(entry, "up"))
        for one in block.findall(f"{ESPI}IntervalReading")
    ]
    assert [value for _, value, _ in read] == [Decimal(250)] * 3 + [Decimal(1125)] * 21
    assert [quality for *_, quality in read].index(8) == 1
    assert read[0][0] == int(datetime(2025, 11, 2, 4, tzinfo=UTC).timestamp())
