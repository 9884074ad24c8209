"""Kernels: shortest walks on the street network, in whole millimetres of level street.

A walk between two points is: off the street, along the first edge to one of its ends, between nodes, along the last edge,
off the street; or straight along the edge when both lie on the same one.

`graph` is `arcs` of a StreetNetwork: the arcs of a node are sorted by length, so that a bounded search stops at the first
that is too long. `ends` is (U, 2). `origins` is (edge, along_mm,
off_mm) of Anchors. `points` is (span, id, along_mm, off_mm, node_span, node_id, node_off_mm): the points on edge e are
span[e, 0] : span[e, 1], with their numbers, their walks from end 0, and their metres off the street; those that stand
right at node n are node_span[n, 0] : node_span[n, 1]. `scratch` is (distance, touched): (N,) int32, all UNSEEN before and
after, and (N+1,) int32 for the numbers of the nodes that were reached. `queues` are two arrays of int64 keys
millimetres * 2**32 + node that wait, maybe replaced by larger ones.
"""

import numpy as np

from ..network import UNSEEN
from .compiled import compiled

FAR_MM = 1_000_000
"""Up to a kilometre, nodes wait in the order they were found: few are found again by a shorter walk, and a queue without
any order spares the processor most wrong guesses (a third faster than one sorted by insertion at 312 m, equal to buckets
at 1 km). Measured on Porto: at 10 km the plain queue takes more than three times as long as buckets of STEP_MM."""

STEP_MM = 262_144
"""How far a long search looks before it takes up what lies further: of 131, 262 and 524 m the best from 2 to 10 km, and no
slower than a ring of buckets 16 m wide."""

FEW = 128
"""Rows up to so long are put in order by counting: a third of the time of Shell's sort at 100 points, equal at 200."""


@compiled
def bounded_search(graph, seeds, limit_mm, scratch, queues):
    """Set the distance of every node within `limit_mm` of two seeds; returns how many there are and the queues.

    seeds  (node, millimetres, node, millimetres)

    A node whose shortest way on is too long leads nowhere and does not wait. What is read and written does not depend on
    the branches taken, so that the processor need not guess them.
    """
    distance, touched = scratch
    near, far = queues
    count, back = 0, 0
    for side in (0, 2) if seeds[1] <= seeds[3] else (2, 0):
        node, walk = seeds[side], np.int64(seeds[side + 1])
        if walk <= limit_mm and walk < distance[node]:
            touched[count] = node
            count += distance[node] == UNSEEN
            distance[node] = walk
            near[back] = (walk << 32) + node
            back += 1
    if limit_mm <= FAR_MM:
        count, near = search_near(graph, limit_mm, scratch, near, (count, back))
    else:
        count, near, far = search_far(graph, limit_mm, scratch, queues, (count, back))
    return count, (near, far)


@compiled
def search_near(graph, limit_mm, scratch, queue, filled):
    """Walk on from what waits, first come first served, until nothing waits; returns the count of nodes and the queue.

    filled  (nodes reached so far, entries waiting)
    """
    start, arc, onward, _ = graph
    distance, touched = scratch
    count, back = filled
    front = 0
    while front < back:
        here_mm, node = queue[front] >> 32, queue[front] & 0xFFFFFFFF
        front += 1
        if here_mm > distance[node]:
            continue
        begin, end = start[node], start[node + 1]
        if back + end - begin > len(queue):
            queue, back = make_room(queue, front, back, end - begin)
            front = 0
        for slot in range(begin, end):
            walk = here_mm + arc[slot, 1]
            if walk > limit_mm:
                break
            there = arc[slot, 0]
            if walk >= distance[there]:
                continue
            touched[count] = there
            count += distance[there] == UNSEEN
            distance[there] = walk
            queue[back] = (walk << 32) + there
            back += walk + onward[slot] <= limit_mm
    return count, queue


@compiled
def search_far(graph, limit_mm, scratch, queues, filled):
    """As `search_near` in steps of STEP_MM: what lies beyond the step waits in a second queue (Davidson 2014)."""
    start, arc, onward, _ = graph
    distance, touched = scratch
    near, far = queues
    count, back = filled
    front, later, upto_mm = 0, 0, max(np.int64(STEP_MM), near[back - 1] >> 32 if back > 0 else 0)
    while front < back:
        here_mm, node = near[front] >> 32, near[front] & 0xFFFFFFFF
        front += 1
        begin, end = start[node], start[node + 1]
        if here_mm > distance[node]:
            end = begin
        if back + end - begin > len(near):
            near, back = make_room(near, front, back, end - begin)
            front = 0
        if later + end - begin > len(far):
            far, later = make_room(far, 0, later, end - begin)
        for slot in range(begin, end):
            walk = here_mm + arc[slot, 1]
            if walk > limit_mm:
                break
            there = arc[slot, 0]
            if walk >= distance[there]:
                continue
            touched[count] = there
            count += distance[there] == UNSEEN
            distance[there] = walk
            leads, soon = walk + onward[slot] <= limit_mm, walk <= upto_mm
            near[back] = far[later] = (walk << 32) + there
            back += leads & soon
            later += leads & (not soon)
        while front == back and later > 0:  # the next step: who waited and was not found by a shorter walk
            front, back, kept = 0, 0, 0
            upto_mm += STEP_MM
            if later > len(near):
                near = np.empty(len(far), dtype=np.int64)
            for i in range(later):
                key = far[i]
                waits, soon = key >> 32 <= distance[key & 0xFFFFFFFF], key >> 32 <= upto_mm
                near[back] = far[kept] = key
                back += waits & soon
                kept += waits & (not soon)
            later = kept
    return count, near, far


@compiled
def make_room(queue, front, back, more):
    """A queue whose entries begin at 0, larger if need be, with room for some more; returns it and its end."""
    size = len(queue)
    while size < 2 * (back - front + more):
        size *= 2
    fresh = np.empty(size, dtype=np.int64)
    for at in range(front, back):
        fresh[at - front] = queue[at]
    return fresh, back - front


@compiled
def seeds_of(ends, origins, number):
    """Where the walk of one origin enters the nodes: (node, millimetres along, node, millimetres along)."""
    edge, along, _ = origins
    at = edge[number]
    return ends[at, 0], along[number, 0], ends[at, 1], along[number, 1]


@compiled
def reach_rows(graph, ends, origins, points, limit_mm, rows, scratch, out_point, out_mm, out_end):
    """Whom the origins `rows` reach; pairs are written one origin after the other until there is no room for the next.

    out_point, out_mm  (room,) int32: points in ascending order within a row, and their walks
    out_end            (len(rows),): where each row ends

    Returns how many rows are done.
    """
    queues, keys = (np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)), np.empty(256, dtype=np.int64)
    filled = 0
    for row in range(len(rows)):
        hits, keys, queues, _ = reached_keys(graph, ends, origins, points, limit_mm, rows[row], scratch, keys, queues)
        if filled + hits > len(out_point):
            return row
        write_row(keys, hits, origins[2][rows[row]], out_point, out_mm, filled)
        filled += hits
        out_end[row] = filled
    return len(rows)


@compiled
def reach_sums(graph, ends, origins, points, weights, limit_mm, rows, scratch, out):
    """The summed weight of the points each of the origins `rows` reaches, into out[row]; no pair is stored.

    weights  (by point number (D,), by node (N,) of the points that stand at nodes and are not among `points`)
    """
    queues, keys = (np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)), np.empty(256, dtype=np.int64)
    for row in range(len(rows)):
        hits, keys, queues, count = reached_keys(
            graph, ends, origins, points, limit_mm, rows[row], scratch, keys, queues
        )
        total = 0.0
        for i in range(count):
            total += weights[1][scratch[1][i]]
        for i in range(hits):
            total += weights[0][keys[i] >> 32]
        out[row] = total


@compiled
def reached_keys(graph, ends, origins, points, limit_mm, origin, scratch, keys, queues):
    """The points one origin reaches as keys point * 2**32 + millimetres, the metres off the street at the origin left out.

    Returns how many, the keys and the queues, maybe grown, and how many nodes were reached; `touched` names those.
    """
    span, point_id, point_along, point_off, node_span, node_id, node_off = points
    distance, touched = scratch
    rest_mm = np.int64(limit_mm) - origins[2][origin]
    hits = 0
    if rest_mm < 0:
        return hits, keys, queues, 0
    seeds = seeds_of(ends, origins, origin)
    count, queues = bounded_search(graph, seeds, rest_mm, scratch, queues)
    own, at, length = origins[0][origin], np.int64(seeds[1]), np.int64(seeds[1]) + seeds[3]
    if span[own, 1] - span[own, 0] > len(keys):
        keys = np.empty(2 * (span[own, 1] - span[own, 0]), dtype=np.int64)
    for slot in range(span[own, 0], span[own, 1]):  # along the own edge, straight or round by its ends
        along = np.int64(point_along[slot])
        round_by = min(distance[seeds[0]] + along, distance[seeds[2]] + length - along)
        walk = min(abs(along - at), round_by) + point_off[slot]
        keys[hits] = (np.int64(point_id[slot]) << 32) + walk
        hits += walk <= rest_mm
    for i in range(count if len(node_id) > 0 else 0):
        begin, end = node_span[touched[i], 0], node_span[touched[i], 1]
        if hits + end - begin > len(keys):
            keys = larger(keys, hits, 2 * (hits + end - begin))
        here_mm = np.int64(distance[touched[i]])
        for slot in range(begin, end):
            walk = here_mm + node_off[slot]
            keys[hits] = (np.int64(node_id[slot]) << 32) + walk
            hits += walk <= rest_mm
    start, arc, _, way = graph
    for i in range(count if len(point_id) > 0 else 0):
        node = touched[i]
        here_mm = np.int64(distance[node])
        for slot in range(start[node], start[node + 1]):
            edge, side = way[slot] >> 1, way[slot] & 1
            begin, end = span[edge, 0], span[edge, 1]
            if begin == end or edge == own:
                continue
            # An edge whose both ends were reached belongs to the nearer end, a ring to its direction 0.
            other = arc[slot, 0]
            there_mm = np.int64(distance[other])
            if there_mm < here_mm or (there_mm == here_mm and (other < node or (other == node and side == 1))):
                continue
            if hits + end - begin > len(keys):
                keys = larger(keys, hits, 2 * (hits + end - begin))
            edge_mm = np.int64(arc[slot, 1])
            for at in range(begin, end):
                along = np.int64(point_along[at])
                if side == 1:
                    along = edge_mm - along
                walk = min(here_mm + along, there_mm + edge_mm - along) + point_off[at]
                keys[hits] = (np.int64(point_id[at]) << 32) + walk
                hits += walk <= rest_mm
    for i in range(count):
        distance[touched[i]] = UNSEEN
    return hits, keys, queues, count


@compiled
def edges_walked(graph, ends, origin, limit_mm, far_mm, scratch):
    """The edges that one origin, (edge, along_mm, off_mm) of a single anchor, walks on within a limit; its own is among them.

    Returns their numbers (n,), each once, and the millimetres walked to both ends (n, 2), `far_mm` to where it does not.
    """
    distance, touched = scratch
    start, arc, _, way = graph
    own, off_mm, count = origin[0][0], np.int64(origin[2][0]), 0
    if off_mm <= limit_mm:
        queues = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
        count, _ = bounded_search(graph, seeds_of(ends, origin, 0), np.int64(limit_mm) - off_mm, scratch, queues)
    room = 1
    for i in range(count):
        room += start[touched[i] + 1] - start[touched[i]]
    number, walked = np.empty(room, dtype=np.int64), np.full((room, 2), far_mm, dtype=np.int64)
    number[0], filled = own, 1
    for i in range(count):
        node = touched[i]
        for slot in range(start[node], start[node + 1]):
            edge, side, other = way[slot] >> 1, way[slot] & 1, arc[slot, 0]
            # The end with the lesser number names an edge whose both ends were reached, of a ring its direction 0.
            if edge == own or (distance[other] < UNSEEN and (other < node or (other == node and side == 1))):
                continue
            number[filled], walked[filled, side] = edge, distance[node] + off_mm
            if distance[other] < UNSEEN:
                walked[filled, 1 - side] = distance[other] + off_mm
            filled += 1
    for side in (0, 1):
        if distance[ends[own, side]] < UNSEEN:
            walked[0, side] = distance[ends[own, side]] + off_mm
    for i in range(count):
        distance[touched[i]] = UNSEEN
    return number[:filled], walked[:filled]


@compiled
def larger(keys, count, room):
    """A copy of the first `count` keys with room for more."""
    fresh = np.empty(room, dtype=np.int64)
    for i in range(count):
        fresh[i] = keys[i]
    return fresh


@compiled
def write_row(keys, count, off_mm, out_point, out_mm, begin):
    """Write the first `count` keys in ascending order as points and millimetres plus `off_mm`, from `begin` on.

    Up to FEW of them, each finds its place by counting the lesser ones, which a processor does several at a time.
    """
    if count > FEW:
        sort_many(keys, count)
    for i in range(count):
        key, place = keys[i], i
        if count <= FEW:
            place = 0
            for other in range(count):
                place += keys[other] < key
        out_point[begin + place] = key >> 32
        out_mm[begin + place] = (key & 0xFFFFFFFF) + off_mm


@compiled
def sort_many(keys, count):
    """Sort the first `count` keys in place by Shell's method (1959) with gaps growing 2.25 times; compiles faster than a
    library sort."""
    gap = 1
    while gap < count // 2:
        gap = int(2.25 * gap) + 1
    while gap > 0:
        for i in range(gap, count):
            key = keys[i]
            at = i
            while at >= gap and keys[at - gap] > key:
                keys[at] = keys[at - gap]
                at -= gap
            keys[at] = key
        gap = 0 if gap == 1 else max(1, int(gap / 2.25))


@compiled
def copy_rows(rows, end, point, mm, start, out_point, out_mm):
    """Put the rows of a part in their places: row i of the part is origin rows[i] and ends before end[i]."""
    at = 0
    for row in range(len(rows)):
        to = start[rows[row]]
        while at < end[row]:
            out_point[to] = point[at]
            out_mm[to] = mm[at]
            at += 1
            to += 1
