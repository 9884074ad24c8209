"""Bounds by multipliers: what a plan gains when covering a cell again is not forbidden but charged for.

Charge u for every time that a cell is covered, give back u once: for any u (and a charge for each further rule) no plan is
worth more than `sum max(0, weight - u) + max(0, second - u)` plus what sites may gain by collecting charges within the
budget, fractions of sites allowed. The least of these bounds is that of the linear program. It is sought by a first-order
method on sites and charges at once: reflected Halpern iterations of the primal-dual hybrid gradient with restarts
(Chambolle and Pock 2011; Lu and Yang 2024), which only ever add up rows and columns. No bound depends on how far it came.
"""

from typing import NamedTuple

import numpy as np

from ..kernels.compiled import compiled
from .core import Core
from .rows import Rows


class Point(NamedTuple):
    """Fractions of sites (S,), charges of cells (K,) and of rules (R,), and what the iteration remembers of them.

    anchor_...  where the iteration was restarted last
    """

    site: np.ndarray
    cell: np.ndarray
    row: np.ndarray
    anchor_site: np.ndarray
    anchor_cell: np.ndarray
    anchor_row: np.ndarray


class Box(NamedTuple):
    """Between which fractions each site must lie, (S,) and (S,): 0 and 1, 0 and 0 where it is out, 1 and 1 where it is in."""

    low: np.ndarray
    high: np.ndarray


class Bound(NamedTuple):
    """What some charges prove.

    value    no plan in the box is worth more, the fixed sites included
    reduced  (S,) how much lower it would be if a site that is out had to come in (below 0), or the reverse (above 0)
    price    of a unit of the budget
    """

    value: float
    reduced: np.ndarray
    price: float


class Relaxation:
    """The search for the least bound of a core within a box: `tighten` goes on with it.

    best    the least bound so far
    charge  (K,) and (R,): the charges that give it
    point   where the search is
    """

    def __init__(self, core: Core, rows: Rows, box: Box, start: tuple[np.ndarray, ...] | None = None) -> None:
        self.core, self.rows, self.box = core, rows, box
        self.scale = float(core.graph.weight.mean()) if core.cells else 1.0
        sites, charge, row = first_point(core, rows) if start is None else start
        parts = [np.clip(sites, box.low, box.high), charge / self.scale, row / self.scale]
        self.point = Point(*parts, *(part.copy() for part in parts))
        weights = (core.graph.weight / self.scale, core.graph.second / self.scale)
        costs = (core.rules.cost.astype(float), float(core.rules.budget[0]))
        self.amounts = (weights, costs)
        self.balance = float(np.sqrt(max(sites.sum(), 1e-9)) / max(float(np.linalg.norm(weights[0])), 1e-9))
        self.steps, self.since, self.price = 0, 0, 0.0
        self.first_move, self.last_move = np.inf, np.inf
        self.charge = (charge, row)
        self.best = bound_at(core, rows, box, self.charge)

    def tighten(self, iterations: int) -> float:
        """Go on for some iterations, at least one; returns the least bound so far."""
        course = (self.balance, self.since, iterations, self.price)
        first, last, self.price = sweep(self.core.graph, self.rows, self.amounts, self.box, self.point, course)
        self.first_move = first if self.since == 0 else self.first_move
        self.since += iterations
        self.steps += iterations
        charge, row = np.clip(self.point.cell * self.scale, 0.0, self.core.graph.weight), self.point.row * self.scale
        row[self.rows.quotas[0] :] = np.maximum(row[self.rows.quotas[0] :], 0.0)
        self.consider((charge, row))
        self.restart_if_due(last)
        return self.best.value

    def consider(self, charge: tuple[np.ndarray, np.ndarray]) -> None:
        """Keep some charges of cells (K,) and rules (R,) if they give the least bound so far."""
        bound = bound_at(self.core, self.rows, self.box, charge)
        if bound.value < self.best.value:
            self.best, self.charge = bound, charge

    def restart_if_due(self, move: float) -> None:
        """Begin again from here when the iteration has come far enough, or no longer gets on."""
        far = move <= 0.2 * self.first_move
        slow = move <= 0.8 * self.first_move and move > self.last_move
        long = self.since >= 0.36 * self.steps
        self.last_move = move
        if not (far or slow or long):
            return
        p = self.point
        sites = float(np.linalg.norm(p.site - p.anchor_site))
        charges = float(np.hypot(np.linalg.norm(p.cell - p.anchor_cell), np.linalg.norm(p.row - p.anchor_row)))
        if sites > 1e-12 and charges > 1e-12:
            self.balance = float(np.sqrt(self.balance * sites / charges))
        for now, anchor in ((p.site, p.anchor_site), (p.cell, p.anchor_cell), (p.row, p.anchor_row)):
            anchor[:] = now
        self.since, self.last_move = 0, np.inf

    def fractions(self) -> np.ndarray:
        """(S,) the present fractions of sites, within the box."""
        return np.asarray(np.clip(self.point.site, self.box.low, self.box.high))

    def covered(self) -> float:
        """What the present fractions cover within the budget, rules aside: without rules the linear program is no less."""
        sites = self.fractions()
        sites *= min(1.0, self.amounts[1][1] / max(1e-300, float(sites @ self.amounts[1][0])))
        return self.core.before + float(covered_by(self.core.graph, sites))


def open_box(core: Core) -> Box:
    """Nothing is decided."""
    return Box(np.zeros(core.sites), np.ones(core.sites))


def first_point(core: Core, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fractions that spread the budget evenly, charges that share each weight among its sites, no charge for rules."""
    even = min(1.0, core.rules.budget[0] / max(1.0, float(core.rules.cost.sum())))
    share = core.graph.weight / np.maximum(np.diff(core.graph.top), 1)
    return np.full(core.sites, even), share, np.zeros(len(rows.high))


def bound_at(core: Core, rows: Rows, box: Box, charge: tuple[np.ndarray, np.ndarray]) -> Bound:
    """The bound that some charges of cells (K,) and rules (R,) give."""
    graph, cost = core.graph, core.rules.cost.astype(float)
    cell, row = charge
    gain = np.empty(core.sites)
    collected(graph, rows, cell, row, gain)
    kept = float(np.maximum(graph.weight - cell, 0).sum() + np.maximum(graph.second - cell, 0).sum())
    given = float((rows.high * np.maximum(row, 0) - rows.low * np.maximum(-row, 0)).sum())
    inside, able = box.low > 0, box.high > box.low
    bought, price = best_purchase(
        np.where(able, gain, 0.0), cost, float(core.rules.budget[0] - core.rules.cost[inside].sum())
    )
    return Bound(core.before + kept + given + float(gain[inside].sum()) + bought, gain - price * cost, price)


def best_purchase(gain: np.ndarray, cost: np.ndarray, budget: float) -> tuple[float, float]:
    """The most that fractions of sites gain within a budget (Dantzig 1957), and the gain of one more unit of it."""
    some = np.flatnonzero(gain > 0)
    order = some[np.argsort(-gain[some] / cost[some], kind="stable")]
    spent = np.cumsum(cost[order])
    last = int(np.searchsorted(spent, budget, side="right"))
    if last == len(order):
        return float(gain[order].sum()), 0.0
    price = float(gain[order[last]] / cost[order[last]])
    left = budget - (float(spent[last - 1]) if last else 0.0)
    return float(gain[order[:last]].sum()) + left * price, price


@compiled
def collected(graph, rows, charge, row, out):
    """Fill out (S,) with the charges that each site collects, less those of the rules it is in."""
    for s in range(len(out)):
        total = 0.0
        for at in range(graph.start[s], graph.start[s + 1]):
            total += charge[graph.cell[at]]
        for at in range(rows.start[s], rows.start[s + 1]):
            total -= row[rows.row[at]]
        out[s] = total


@compiled
def covered_by(graph, sites):
    """What fractions of sites (S,) cover."""
    total = 0.0
    for k in range(len(graph.weight)):
        some = 0.0
        for at in range(graph.top[k], graph.top[k + 1]):
            some += sites[graph.site[at]]
        total += graph.weight[k] * min(1.0, some) + graph.second[k] * max(0.0, min(1.0, some - 1.0))
    return total


@compiled
def sweep(graph, rows, amounts, box, point, course):
    """Some iterations; returns how far the first and the last one moved, and the price of the budget.

    amounts  weights (K,) of the first and second site, scaled; costs (S,) and the budget
    course   (balance of site steps to charge steps, iterations since the restart, iterations, price)
    """
    balance, since, total, price = course
    weight, second = amounts[0]
    cost, budget = amounts[1]
    low, high = box.low, box.high
    start, cell, top, site = graph.start, graph.cell, graph.top, graph.site
    x, u, charge = point.site, point.cell, point.row
    x0, u0, anchor = point.anchor_site, point.anchor_cell, point.anchor_row
    sites, cells = len(x), len(u)
    pace, wish, mirror = np.empty(sites), np.empty(sites), np.empty(sites)
    for s in range(sites):
        pace[s] = balance / max(1, start[s + 1] - start[s] + rows.start[s + 1] - rows.start[s])
    first, move = -1.0, 0.0
    for turn in range(total):
        near = (since + turn + 1.0) / (since + turn + 2.0)
        move = 0.0
        for s in range(sites):
            gain = 0.0
            for at in range(start[s], start[s + 1]):
                gain += u[cell[at]]
            for at in range(rows.start[s], rows.start[s + 1]):
                gain -= charge[rows.row[at]]
            wish[s] = x[s] + pace[s] * gain
        price = price_of(wish, pace, cost, budget, (low, high), price)
        for s in range(sites):
            there = min(high[s], max(low[s], wish[s] - price * pace[s] * cost[s]))
            d = there - x[s]
            move += d * d / pace[s]
            mirror[s] = x[s] + 2 * d
            x[s] = near * mirror[s] + (1 - near) * x0[s]
        for k in range(cells):
            many = 0.0
            for at in range(top[k], top[k + 1]):
                many += mirror[site[at]]
            pull = 1.0 / (balance * (top[k + 1] - top[k]))
            there = u[k] - pull * (many - 2.0)
            if there >= second[k]:
                there = max(second[k], min(weight[k], u[k] - pull * (many - 1.0)))
            d = max(0.0, there) - u[k]
            move += d * d / pull
            u[k] = near * (u[k] + 2 * d) + (1 - near) * u0[k]
        for r in range(len(charge)):
            many = 0.0
            for at in range(rows.top[r], rows.top[r + 1]):
                many += mirror[rows.site[at]]
            pull = 1.0 / (balance * max(1, rows.top[r + 1] - rows.top[r]))
            there = max(0.0, charge[r] + pull * (many - rows.high[r])) + min(
                0.0, charge[r] + pull * (many - rows.low[r])
            )
            d = there - charge[r]
            move += d * d / pull
            charge[r] = near * (charge[r] + 2 * d) + (1 - near) * anchor[r]
        if first < 0:
            first = np.sqrt(move)
    return first, np.sqrt(move), price


@compiled
def price_of(wish, pace, cost, budget, box, price):
    """The least price >= 0 at which the fractions wish - price * pace * cost of sites, kept in their box, cost the budget.

    Newton's method from the last price, within brackets: what they cost falls with the price along straight pieces.
    """
    low, high = box
    least, most = 0.0, np.inf
    for _ in range(100):
        spent, slope = 0.0, 0.0
        for s in range(len(wish)):
            there = wish[s] - price * pace[s] * cost[s]
            if there >= high[s]:
                spent += cost[s] * high[s]
            elif there <= low[s]:
                spent += cost[s] * low[s]
            else:
                spent += cost[s] * there
                slope += cost[s] * cost[s] * pace[s]
        over = spent - budget
        if abs(over) <= 1e-9 * budget or (over < 0 and price <= 0.0):
            break
        if over > 0:
            least = max(least, price)
        else:
            most = min(most, price)
        price = price + over / slope if slope > 0 else -1.0
        if not least < price < most:
            price = 0.5 * (least + most) if most < np.inf else 2 * least + 1e-3
        if most <= 0.0:
            price = 0.0
    return price
