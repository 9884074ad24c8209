"""Rules as rows of numbers: between how many and how many of some sites a plan may choose.

Quotas are rows as they stand. Sites that must stay apart are gathered in cliques, of each of which at most one site may be
chosen: that says more about fractions of sites than its pairs do.
"""

from typing import NamedTuple

import numpy as np

from .core import Core


class Rows(NamedTuple):
    """S sites, R rows: row r is about site[top[r] : top[r + 1]], site s is in row[start[s] : start[s + 1]].

    low, high  (R,) how many a plan must and may choose
    quotas     (1,) how many rows, the first ones, are quotas; the others are cliques
    """

    start: np.ndarray
    row: np.ndarray
    top: np.ndarray
    site: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quotas: np.ndarray


def rows_between(core: Core) -> Rows:
    """The rows of a core: all quotas, then cliques that hold every pair of sites that must stay apart."""
    rules = core.rules
    quota_of = np.repeat(np.arange(core.sites), np.diff(rules.group_start))
    members = [np.sort(quota_of[rules.group == quota]) for quota in range(len(rules.least))]
    groups = members + [np.array(clique, dtype=np.int64) for clique in cliques(core)]
    size = np.array([len(group) for group in groups], dtype=np.int64)
    site = np.concatenate([np.zeros(0, dtype=np.int64), *groups]).astype(np.int32)
    row = np.repeat(np.arange(len(groups)), size)
    order = np.argsort(site, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=core.sites))])
    single = len(groups) - len(members)
    return Rows(
        start.astype(np.int64),
        row[order].astype(np.int32),
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        site,
        np.concatenate([rules.least, np.zeros(single)]),
        np.concatenate([np.minimum(rules.most, size[: len(members)]), np.ones(single)]),
        np.array([len(members)]),
    )


def cliques(core: Core) -> list[list[int]]:
    """Sets of sites all apart from one another that hold every pair together, each grown greedily from a pair left."""
    near = [set(part.tolist()) for part in np.split(core.rules.apart, core.rules.apart_start[1:-1])]
    left = {(s, t) for s, others in enumerate(near) for t in others if s < t}
    found = []
    for pair in sorted(left):
        if pair not in left:
            continue
        clique = list(pair)
        open_ = near[pair[0]] & near[pair[1]]
        while open_:
            clique.append(min(open_))
            open_ &= near[clique[-1]]
        clique.sort()
        found.append(clique)
        left -= {(s, t) for i, s in enumerate(clique) for t in clique[i + 1 :]}
    return found
