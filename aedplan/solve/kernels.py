"""Kernels: cells merged, turned and put in order, and sites compared. Sites are rows of a CSR, cells its columns.

`graph` is `core.Graph`, `rules` is `core.Rules`.
"""

import numpy as np

from ..kernels.compiled import compiled


@compiled
def key_sums(start, cell, key, class_of):
    """(K,) uint64: for each cell the wrapping sum of the keys of its sites, mixed with the class it is in so far."""
    total = np.empty(len(class_of), dtype=np.uint64)
    for k in range(len(class_of)):
        total[k] = np.uint64(class_of[k]) * np.uint64(0x9E3779B97F4A7C15)
    for s in range(len(start) - 1):
        mine = key[s]
        for at in range(start[s], start[s + 1]):
            total[cell[at]] += mine
    return total


@compiled
def same_sites(start, cell, class_of, size):
    """Whether all cells of each class have the same sites: every site covers all of a class or none; size (C,)."""
    seen = np.zeros(len(size), dtype=np.int32)
    for s in range(len(start) - 1):
        for at in range(start[s], start[s + 1]):
            if class_of[cell[at]] >= 0:
                seen[class_of[cell[at]]] += 1
        for at in range(start[s], start[s + 1]):
            c = class_of[cell[at]]
            if c >= 0 and seen[c] != 0:
                if seen[c] != size[c]:
                    return False
                seen[c] = 0
    return True


@compiled
def merged_rows(start, cell, class_of, size):
    """Rows of classes in place of cells: start and class, ascending in each row as far as cells were."""
    last = np.full(size, -1, dtype=np.int32)
    filled = 0
    fresh = np.zeros(len(start), dtype=np.int64)
    for s in range(len(start) - 1):
        for at in range(start[s], start[s + 1]):
            c = class_of[cell[at]]
            if c >= 0 and last[c] != s:
                last[c] = s
                filled += 1
        fresh[s + 1] = filled
    out = np.empty(filled, dtype=np.int32)
    last[:] = -1
    filled = 0
    for s in range(len(start) - 1):
        for at in range(start[s], start[s + 1]):
            c = class_of[cell[at]]
            if c >= 0 and last[c] != s:
                last[c] = s
                out[filled] = c
                filled += 1
    return fresh, out


@compiled
def joined_rows(start, cell, other_start, other_cell, shift):
    """Rows of two matrices with the same sites side by side; cells of the second are numbered from `shift` on."""
    fresh = start + other_start
    out = np.empty(len(cell) + len(other_cell), dtype=np.int32)
    for s in range(len(start) - 1):
        to = fresh[s]
        for at in range(start[s], start[s + 1]):
            out[to] = cell[at]
            to += 1
        for at in range(other_start[s], other_start[s + 1]):
            out[to] = other_cell[at] + shift
            to += 1
    return fresh, out


@compiled
def transposed(start, cell, cells):
    """Columns of a CSR: top (K + 1,) and site, ascending within each cell."""
    top = np.zeros(cells + 1, dtype=np.int64)
    for at in range(len(cell)):
        top[cell[at] + 1] += 1
    for k in range(cells):
        top[k + 1] += top[k]
    filled = top[:-1].copy()
    site = np.empty(len(cell), dtype=np.int32)
    for s in range(len(start) - 1):
        for at in range(start[s], start[s + 1]):
            k = cell[at]
            site[filled[k]] = s
            filled[k] += 1
    return top, site


@compiled
def some_rows(start, cell, kept):
    """The rows `kept` of a CSR."""
    fresh = np.zeros(len(kept) + 1, dtype=np.int64)
    for i in range(len(kept)):
        fresh[i + 1] = fresh[i] + start[kept[i] + 1] - start[kept[i]]
    out = np.empty(fresh[-1], dtype=np.int32)
    for i in range(len(kept)):
        to = fresh[i]
        for at in range(start[kept[i]], start[kept[i] + 1]):
            out[to] = cell[at]
            to += 1
    return fresh, out


@compiled
def places(start, cell, top, site):
    """(K,) new numbers of cells, so that those of neighbouring sites stand near one another in memory: on large cores
    that halves the time of every pass. Sites are visited by breadth, cells numbered as they are met; -1 where never."""
    number, seen = np.full(len(top) - 1, -1, dtype=np.int32), np.zeros(len(start) - 1, dtype=np.bool_)
    queue = np.empty(len(start) - 1, dtype=np.int32)
    named, front, back = 0, 0, 0
    for root in range(len(seen)):
        if not seen[root]:
            seen[root], queue[back] = True, root
            back += 1
        while front < back:
            s = queue[front]
            front += 1
            for at in range(start[s], start[s + 1]):
                k = cell[at]
                if number[k] >= 0:
                    continue
                number[k] = named
                named += 1
                for there in range(top[k], top[k + 1]):
                    t = site[there]
                    if not seen[t]:
                        seen[t], queue[back] = True, t
                        back += 1
    return number


@compiled
def rarest_cells(start, cell, top):
    """(S,) of each site the cell that fewest sites cover, -1 where it covers none."""
    rarest = np.full(len(start) - 1, -1, dtype=np.int32)
    for s in range(len(start) - 1):
        fewest = top[-1] + 1
        for at in range(start[s], start[s + 1]):
            k = cell[at]
            if top[k + 1] - top[k] < fewest:
                fewest, rarest[s] = top[k + 1] - top[k], k
    return rarest


@compiled
def dominated(graph, rules, rarest, fixed, shape):
    """(S,) bool: sites in whose place another can always stand that covers no less, costs no more and has the same rules.

    rarest  (S,) the rarest cell of each site: whoever covers all that it covers is found there
    fixed   (S,) bool: sites that must be left alone
    shape   (S,) int64: sites in the same quotas have equal numbers
    """
    start, cell, top, site = graph.start, graph.cell, graph.top, graph.site
    out = np.zeros(len(shape), dtype=np.bool_)
    in_row, close = np.full(len(top) - 1, -1, dtype=np.int32), np.full(len(shape), -1, dtype=np.int32)
    for t in range(len(shape)):
        if fixed[t] or rarest[t] < 0:
            continue
        for at in range(start[t], start[t + 1]):
            in_row[cell[at]] = t
        close[t] = t
        for at in range(rules.apart_start[t], rules.apart_start[t + 1]):
            close[rules.apart[at]] = t
        size = start[t + 1] - start[t]
        for at in range(top[rarest[t]], top[rarest[t] + 1]):
            s = site[at]
            larger, cheaper = start[s + 1] - start[s] - size, rules.cost[t] - rules.cost[s]
            if s == t or out[s] or shape[s] != shape[t] or larger < 0 or cheaper < 0:
                continue
            if larger == 0 and cheaper == 0 and s > t:
                continue
            if holds_all(start, cell, in_row, s, t) and keeps_apart(rules, close, s, t):
                out[t] = True
                break
    return out


@compiled
def holds_all(start, cell, in_row, s, t):
    """Whether site s covers every cell of site t; in_row (K,) is t for those."""
    missing = start[t + 1] - start[t]
    for at in range(start[s], start[s + 1]):
        if in_row[cell[at]] == t:
            missing -= 1
    return missing == 0


@compiled
def keeps_apart(rules, close, s, t):
    """Whether site s must stay apart from no site but those of t; close (S,) is t for those and t itself."""
    further = 0
    for at in range(rules.apart_start[s], rules.apart_start[s + 1]):
        further += close[rules.apart[at]] != t
    return further == 0
