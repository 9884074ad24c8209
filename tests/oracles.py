"""Slow answers that are obviously right."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np

from aedplan.anchors import Anchors
from aedplan.network import StreetNetwork
from aedplan.problem import PlacementProblem, value
from aedplan.walks import walk


def walking_graph(streets: StreetNetwork, *anchors: Anchors) -> nx.Graph:
    """The streets as a networkx graph in millimetres, with every anchored point cut into its edge as a node of its own.

    Node names: ("street", n), ("on edge", edge, mm), ("point", group, number).
    """
    cuts: dict[int, set[int]] = {edge: {0, int(length)} for edge, length in enumerate(streets.walk_mm)}
    for group in anchors:
        for edge, (along, _) in zip(group.edge, group.along_mm, strict=True):
            cuts[int(edge)].add(int(along))
    graph = nx.Graph()
    for edge, marks in cuts.items():
        ordered = sorted(marks)
        for low, high in pairwise(ordered):
            lighter(graph, ("on edge", edge, low), ("on edge", edge, high), high - low)
        for mark, node in ((0, streets.ends[edge, 0]), (int(streets.walk_mm[edge]), streets.ends[edge, 1])):
            lighter(graph, ("on edge", edge, mark), ("street", int(node)), 0)
    for name, group in enumerate(anchors):
        for number in range(len(group)):
            spot = ("on edge", int(group.edge[number]), int(group.along_mm[number, 0]))
            lighter(graph, ("point", name, number), spot, int(group.off_mm[number]))
    return graph


def lighter(graph: nx.Graph, a: object, b: object, weight: int) -> None:
    """Add an edge, keeping the lighter of two parallel ones."""
    if a != b and (not graph.has_edge(a, b) or graph[a][b]["weight"] > weight):
        graph.add_edge(a, b, weight=weight)


def walks(streets: StreetNetwork, origins: Anchors, points: Anchors) -> list[dict[int, int]]:
    """For each origin, millimetres to every point that can be walked to, by Dijkstra on the whole graph."""
    graph = walking_graph(streets, origins, points)
    answers = []
    for number in range(len(origins)):
        reached = nx.single_source_dijkstra_path_length(graph, ("point", 0, number))
        answers.append({node[2]: length for node, length in reached.items() if node[:2] == ("point", 1)})
    return answers


def plain_reach(streets: StreetNetwork, origins: Anchors, points: Anchors, limit_mm: int) -> list[dict[int, int]]:
    """The twin of the kernels of `reach` in plain Python: for each origin, millimetres to every point within the limit."""
    rows = []
    for number in range(len(origins)):
        one = Anchors(origins.edge[[number]], origins.along_mm[[number]], origins.off_mm[[number]])
        there = arrivals(streets, one, points, limit_mm)
        rows.append({point: found[0] for point, found in enumerate(there) if found and found[0] <= limit_mm})
    return rows


def arrivals(
    streets: StreetNetwork, origins: Anchors, points: Anchors, limit_mm: int | None = None
) -> list[tuple[int, int] | None]:
    """For each point the millimetres from its nearest origin and that origin's number, the lowest of equally near ones."""
    found = walk(streets, origins, limit_mm=limit_mm)
    best: list[tuple[int, int] | None] = []
    for edge, along, off in zip(points.edge, points.along_mm.tolist(), points.off_mm.tolist(), strict=True):
        ways = [
            (found.distance_mm[node] + along[side] + off, found.origin[node])
            for side, node in enumerate(streets.ends[edge].tolist())
            if node in found.distance_mm
        ]
        for number in np.flatnonzero(origins.edge == edge).tolist():
            straight = abs(int(origins.along_mm[number, 0]) - along[0])
            ways.append((straight + int(origins.off_mm[number]) + off, number))
        best.append(min(ways, default=None))
    return best


def best_of_all_subsets(problem: PlacementProblem) -> float | None:
    """The largest value of any choice that keeps the budget and the quotas; None when there is none."""
    free = np.flatnonzero(~problem.fixed)
    values = [
        value(problem, choice)
        for size in range(len(free) + 1)
        for choice in combinations(free.tolist(), size)
        if keeps(problem, choice)
    ]
    return max(values, default=None)


def keeps(problem: PlacementProblem, choice: tuple[int, ...]) -> bool:
    """Whether a choice keeps the budget and the quotas."""
    if problem.cost[list(choice)].sum() > problem.budget + 1e-9:
        return False
    counts = [(len(set(choice) & set(q.sites)), q) for q in problem.quotas]
    return all(q.minimum <= n <= (len(q.sites) if q.maximum is None else q.maximum) for n, q in counts)
