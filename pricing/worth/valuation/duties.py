"""Figures beside the value: what security is worth, and what public data may earn."""

from decimal import Decimal, localcontext
from fractions import Fraction

from pricing.charges.exact import refuse
from pricing.worth.valuation.workings import Sheet, shown

DIGITS = 60


def security_return(sheet: Sheet) -> Fraction:
    """ROSI = (ALE before − ALE after − cost) / cost, beside the Gordon–Loeb cap on the cost.

    ALE = single loss × occurrences a year. No more than ALE / e is worth spending (Gordon and Loeb
    2002, for their classes of breach functions). With `revenue`, the cost's share of it.
    """
    loss = sheet.amount("single_loss")
    before, after = sheet.amount("occurrences_before"), sheet.amount("occurrences_after")
    cost = sheet.factor("cost")
    risk = sheet.step("ALE before", "SLE × ARO", f"{shown(loss)} × {shown(before)}", loss * before)
    rest = sheet.step("ALE after", "SLE × ARO", f"{shown(loss)} × {shown(after)}", loss * after)
    with localcontext(prec=DIGITS):
        euler = Fraction(Decimal(1).exp())
    cap = sheet.step("Gordon–Loeb cap", "ALE / e", f"{shown(risk)} / e", risk / euler)
    sheet.step("room below the cap", "cap − cost", f"{shown(cap)} − {shown(cost)}", cap - cost)
    if sheet.has("revenue"):
        revenue = sheet.factor("revenue")
        sheet.step(
            "cost to revenue", "cost / revenue", f"{shown(cost)} / {shown(revenue)}", cost / revenue
        )
    working = f"({shown(risk)} − {shown(rest)} − {shown(cost)}) / {shown(cost)}"
    return sheet.step("value", "ROSI", working, (risk - rest - cost) / cost)


def permitted_revenue(sheet: Sheet) -> Fraction:
    """Cap = plan cost − subsidy + permitted profit + tax − excess of the cycles before.

    With `actual_revenue`: the excess, which comes off the next cycle. Never below zero.
    """
    cost, subsidy = sheet.amount("plan_cost"), sheet.amount("subsidy", 0)
    if subsidy > cost:
        refuse("subsidy", subsidy, "at most the plan cost")
    profit, tax = sheet.amount("permitted_profit"), sheet.amount("tax", 0)
    brought = sheet.amount("excess_brought_forward", 0)
    earned = cost - subsidy + profit + tax
    sheet.step(
        "before deduction",
        "cost − subsidy + profit + tax",
        f"{shown(cost)} − {shown(subsidy)} + {shown(profit)} + {shown(tax)}",
        earned,
    )
    cap = max(Fraction(0), earned - brought)
    sheet.step(
        "value", "less the excess brought forward", f"{shown(earned)} − {shown(brought)}", cap
    )
    over = max(Fraction(0), brought - earned)
    if sheet.has("actual_revenue"):
        actual = sheet.amount("actual_revenue")
        over += max(Fraction(0), actual - cap)
    sheet.step("excess carried forward", "max(0, actual − cap)", shown(over), over)
    return cap
