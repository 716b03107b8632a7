"""What the papers say, in the customer's language: one key, one term of the field, two languages."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from csr_console.domain.money import dollars_text

Language = Literal["en", "es"]

_TERMS: Mapping[str, tuple[str, str]] = {
    # The papers.
    "paper.bill": ("Utility bill", "Factura de servicios públicos"),
    "paper.statement": ("Statement of account", "Estado de cuenta"),
    "paper.arrangement": ("Payment arrangement", "Arreglo de pago"),
    "paper.receipt": ("Payment receipt", "Recibo de pago"),
    "page": ("Page {page} of {pages}", "Página {page} de {pages}"),
    "continued": ("continued", "continuación"),
    "copy": ("COPY", "COPIA"),
    # Who and when.
    "account": ("Account", "Cuenta"),
    "customer": ("Customer", "Cliente"),
    "service_address": ("Service address", "Dirección del servicio"),
    "bill": ("Bill", "Factura"),
    "billed_on": ("Bill date", "Fecha de la factura"),
    "due_on": ("Due date", "Fecha de vencimiento"),
    "delinquent_after": ("Past due after", "En mora después del"),
    "period": ("Period", "Período"),
    "period_of": ("{first} to {last}, {days} days", "{first} al {last}, {days} días"),
    "as_of": ("As of {on}", "Al {on}"),
    "date": ("Date", "Fecha"),
    "cancelled": (
        "CANCELLED: this bill was taken back. Do not pay it.",
        "ANULADA: esta factura fue retirada. No la pague.",
    ),
    "replaces": (
        "This bill takes the place of one that was taken back.",
        "Esta factura reemplaza a una que fue retirada.",
    ),
    # Money.
    "total_bill": ("Total of this bill", "Total de esta factura"),
    "balance": ("Balance of the account", "Saldo de la cuenta"),
    "balance_then": ("Balance", "Saldo"),
    "balance_before": ("Balance before", "Saldo anterior"),
    "overdue": ("Past due", "Vencido"),
    "amount": ("Amount", "Importe"),
    "budget.due": ("Budget amount due", "Monto nivelado"),
    "budget.asked": ("Budget amount of this bill", "Monto nivelado de esta factura"),
    "budget.true": ("True balance", "Saldo real"),
    "budget.deferred": ("Billed and not asked yet", "Facturado y aún no cobrado"),
    "budget.ahead": ("Asked beyond what was billed", "Cobrado por encima de lo facturado"),
    "budget.why": (
        "Budget billing, {strategy}: {arithmetic} ({rule}).",
        "Facturación nivelada, {strategy}: {arithmetic} ({rule}).",
    ),
    "budget.pay": (
        "Pay the budget amount by its due date: the difference to what was billed stays in the plan.",
        "Pague el monto nivelado hasta su vencimiento: la diferencia con lo facturado queda en el plan.",
    ),
    "strategy.rolling_average": ("rolling average", "promedio móvil"),
    "strategy.level_payment": ("level payment", "pago nivelado"),
    "strategy.review_at_4_and_8": ("reviewed in months 4 and 8", "revisado en los meses 4 y 8"),
    "strategy.review_may_november": (
        "reviewed in May and November",
        "revisado en mayo y noviembre",
    ),
    "paid": ("Paid", "Pagado"),
    "charges": ("Charges without fuel", "Cargos sin combustible"),
    "fuel": ("Fuel", "Combustible"),
    "taxes": ("Taxes", "Impuestos"),
    "total_service": ("Total of the service", "Total del servicio"),
    "price": ("Quantity × price", "Cantidad × precio"),
    "credit": ("{money} CR", "{money} CR"),
    # Use.
    "rate": ("Rate", "Tarifa"),
    "meter": ("Meter", "Medidor"),
    "read_days": ("Reads", "Lecturas"),
    "use": ("Use", "Consumo"),
    "use_a_day": ("Average daily use", "Consumo diario promedio"),
    "last_year": ("a year ago", "hace un año"),
    "multiplier": ("Multiplier", "Multiplicador"),
    "read.customer": ("read by the customer", "leída por el cliente"),
    "conversion": ("Conversion", "Conversión"),
    "chart": (
        "{service}: use of the last 13 bills, {unit}",
        "{service}: consumo de las últimas 13 facturas, {unit}",
    ),
    "estimated": ("ESTIMATED", "ESTIMADA"),
    "estimated_note": (
        "ESTIMATED: a read was estimated. The difference is settled with the next actual read.",
        "ESTIMADA: una lectura fue estimada. La diferencia se ajusta con la próxima lectura real.",
    ),
    "estimated_again": (
        "{service}, meter {meter}: estimate number {count} within six months, since nobody read it on {on}.",
        "{service}, medidor {meter}: estimación número {count} en seis meses; nadie lo leyó el {on}.",
    ),
    "estimated_how": (
        "The use was reckoned from what this address used before; the next actual read settles the rest.",
        "El consumo se calculó del consumo anterior de esta dirección; la próxima lectura real lo ajusta.",
    ),
    "estimated_ask": (
        "Tell us what keeps us from the meter, or what it shows: this bill says how to reach us.",
        "Díganos qué nos impide llegar al medidor o qué marca: esta factura dice cómo comunicarse.",
    ),
    "untaxed_fuel": ("without fuel of {money}", "sin combustible de {money}"),
    "late_charges": (
        "with late charges of {money} since the bill before",
        "con recargos por mora de {money} desde la factura anterior",
    ),
    "pay_places": ("Where to pay without a surcharge", "Dónde pagar sin recargo"),
    "unverified_note": (
        "† The figure could not be verified in the published rates.",
        "† La cifra no pudo verificarse en las tarifas publicadas.",
    ),
    # Services.
    "service.electric": ("Electric", "Electricidad"),
    "service.water": ("Water", "Agua"),
    "service.gas": ("Gas", "Gas"),
    "service.sewer": ("Sewer", "Alcantarillado"),
    "service.solid_waste": ("Solid waste", "Residuos sólidos"),
    "service.stormwater": ("Stormwater", "Aguas pluviales"),
    "service.fire_fee": ("Fire services fee", "Cuota de servicio de bomberos"),
    # Groups of lines.
    "group.customer": ("Customer charge", "Cargo fijo"),
    "group.energy": ("Energy", "Energía"),
    "group.fuel": ("Fuel", "Combustible"),
    "group.usage": ("Use", "Consumo"),
    "group.demand": ("Demand", "Demanda"),
    "group.fee": ("Fee", "Cuota"),
    "group.minimum": ("Minimum charge", "Cargo mínimo"),
    "group.surcharge": ("Surcharge", "Recargo"),
    "group.adjustment": ("Adjustment", "Ajuste"),
    "group.credit": ("Credit", "Crédito"),
    "group.tax": ("Tax", "Impuesto"),
    # Movements.
    "movement": ("Movement", "Movimiento"),
    "movement.opening": ("Opening balance", "Saldo inicial"),
    "movement.bill": ("Bill", "Factura"),
    "movement.payment": ("Payment", "Pago"),
    "movement.late_charge": ("Late charge", "Recargo por mora"),
    "movement.returned_item": ("Returned payment", "Pago devuelto"),
    "movement.adjustment": ("Adjustment", "Ajuste"),
    "movement.application": ("Credit applied", "Crédito aplicado"),
    "movement.reversal": ("Reversal", "Reversión"),
    "no_movements": ("There are no movements.", "No hay movimientos."),
    # Arrangements.
    "dear": ("Dear {name}:", "Estimado(a) {name}:"),
    "arrangement.agreed": (
        "On {on} we agreed that you pay {total} of what is owed on account {account} as follows.",
        "El {on} acordamos que usted pague {total} de lo que debe en la cuenta {account}, en estas cuotas.",
    ),
    "arrangement.current": (
        "Bills that come in the meantime are to be paid by their own due dates.",
        "Las facturas que lleguen entretanto se pagan en sus propias fechas de vencimiento.",
    ),
    "arrangement.broken_on": (
        "If nothing more is paid, the arrangement counts as broken on {on}.",
        "Si no se paga nada más, el arreglo se considera incumplido el {on}.",
    ),
    "arrangement.active": ("The arrangement is in force.", "El arreglo está vigente."),
    "arrangement.kept": ("The arrangement is kept: thank you.", "El arreglo se cumplió: gracias."),
    "arrangement.broken": (
        "The arrangement was broken: what is open is due now.",
        "El arreglo se incumplió: lo pendiente se debe ahora.",
    ),
    "arrangement.agreed_by": ("Agreed with {login}", "Acordado con {login}"),
    "installment": ("Installment", "Cuota"),
    "down_payment": ("Down payment", "Pago inicial"),
    "total": ("Total", "Total"),
}  # fmt: skip
_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {key: english for key, (english, _) in _TERMS.items()},
    "es": {key: spanish for key, (_, spanish) in _TERMS.items()},
}


def language_of(code: str) -> Language:
    """The customer's language as far as the papers know it; English for another."""
    return "es" if code == "es" else "en"


class Words:
    """The terms, days and amounts of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._words = WORDS[language]

    def __call__(self, key: str, **given: object) -> str:
        """The term of a key. Raises `KeyError` for one that does not exist."""
        return self._words[key].format(**given)

    def known(self, area: str, code: str) -> str:
        """The term of a code of an area, or the code itself, since a newer central may send another."""
        return self._words.get(f"{area}.{code}", code.replace("_", " "))

    def day(self, value: date) -> str:
        """`Sep 8, 2026`, `8 sep 2026`."""
        month = self.month(value)
        if self.language == "es":
            return f"{value.day} {month} {value.year}"
        return f"{month} {value.day}, {value.year}"

    def month(self, value: date) -> str:
        return _MONTHS[self.language][value.month - 1]

    def money(self, cents: int) -> str:
        """`$1,234.56`; what the city owes the customer ends in CR."""
        dollars, _, rest = dollars_text(abs(cents)).partition(".")
        text = f"${int(dollars):,}.{rest}"
        return self("credit", money=text) if cents < 0 else text


def quantity(value: Decimal) -> str:
    """`1,182`, `6.4`: exact, without zeros that say nothing."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
