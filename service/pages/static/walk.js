"use strict";
// Walks along streets on the phone itself, from the compact file of GET /api/v1/walks; no network, no map. Chromium 80.

/** The streets of a file; null where it is none that this script can read. */
function makeWalks(file) {
  if (!file || file.format !== 1 || file.edges.length === 0) return null;
  const TOO_FAR_M = 500; // from the nearest street: further off no walk can be told, as in the service
  const CELL = 1000; // decimetres
  const unit = file.unit_m;
  const radius = file.radius_m / unit;
  const streets = readStreets();
  const cells = fillCells();

  /** Where WGS-84 degrees lie in the plane of the file. */
  function inPlane(lon, lat) {
    const a = lon - file.centre[0];
    const b = lat - file.centre[1];
    const of = (f) => f[0] * a + f[1] * b + f[2] * a * a + f[3] * a * b + f[4] * b * b;
    return [of(file.plane.x), of(file.plane.y)];
  }

  function readStreets() {
    const x = [], y = [], tail = [], head = [], walk = [], pieces = [];
    for (let at = 0, px = 0, py = 0; at < file.nodes.length; at += 2) {
      x.push(px += file.nodes[at]);
      y.push(py += file.nodes[at + 1]);
    }
    for (let at = 0, first = 0; at < file.edges.length;) {
      first += file.edges[at];
      const last = first + file.edges[at + 1];
      const longer = file.edges[at + 2];
      const between = file.edges[at + 3];
      const edge = tail.length;
      let px = x[first], py = y[first], drawn = 0;
      at += 4;
      for (let part = 0; part <= between; part += 1) {
        const nx = part < between ? px + file.edges[at + 2 * part] : x[last];
        const ny = part < between ? py + file.edges[at + 2 * part + 1] : y[last];
        const length = Math.sqrt((nx - px) * (nx - px) + (ny - py) * (ny - py));
        pieces.push({ edge, x: px, y: py, dx: nx - px, dy: ny - py, before: drawn, length });
        drawn += length;
        px = nx;
        py = ny;
      }
      at += 2 * between;
      tail.push(first);
      head.push(last);
      walk.push({ drawn, walked: Math.round(drawn) + longer });
    }
    return { x, y, tail, head, walk, pieces, arcs: arcsOf(x.length, tail, head) };
  }

  /** The edges at each node, as one list and where each node's part of it begins. */
  function arcsOf(count, tail, head) {
    const start = new Int32Array(count + 1);
    for (let edge = 0; edge < tail.length; edge += 1) { start[tail[edge] + 1] += 1; start[head[edge] + 1] += 1; }
    for (let node = 0; node < count; node += 1) start[node + 1] += start[node];
    const next = start.slice();
    const edges = new Int32Array(2 * tail.length);
    for (let edge = 0; edge < tail.length; edge += 1) {
      edges[next[tail[edge]]++] = edge;
      edges[next[head[edge]]++] = edge;
    }
    return { start, edges };
  }

  /** The pieces of street by the squares of a grid that they touch. */
  function fillCells() {
    const found = new Map();
    for (const piece of streets.pieces) {
      const across = (low, high, put) => { for (let n = Math.floor(low / CELL); n <= Math.floor(high / CELL); n += 1) put(n); };
      across(Math.min(piece.x, piece.x + piece.dx), Math.max(piece.x, piece.x + piece.dx), (column) =>
        across(Math.min(piece.y, piece.y + piece.dy), Math.max(piece.y, piece.y + piece.dy), (row) => {
          const key = `${column} ${row}`;
          if (!found.has(key)) found.set(key, []);
          found.get(key).push(piece);
        }));
    }
    return found;
  }

  /** Where a place joins the streets: the edge, the walk to its two ends, and off the street; null where the file cannot say. */
  function join(lon, lat) {
    const [px, py] = inPlane(lon, lat);
    const known = Math.min(TOO_FAR_M / unit, radius - Math.sqrt(px * px + py * py)); // all streets nearer than this are in the file
    if (known < 0) return null;
    let best = null;
    let least = known;
    const look = (column, row) => {
      for (const piece of cells.get(`${column} ${row}`) || []) {
        const square = piece.length * piece.length;
        const share = square > 0 ? Math.min(1, Math.max(0, ((px - piece.x) * piece.dx + (py - piece.y) * piece.dy) / square)) : 0;
        const ox = px - piece.x - share * piece.dx, oy = py - piece.y - share * piece.dy;
        const off = Math.sqrt(ox * ox + oy * oy);
        if (off <= least && !(best && off === least)) { least = off; best = { piece, share }; }
      }
    };
    const column = Math.floor(px / CELL), row = Math.floor(py / CELL);
    for (let ring = 0; (ring - 1) * CELL <= least; ring += 1) {
      for (let n = -ring; n <= ring; n += 1) {
        look(column + n, row - ring);
        if (ring > 0) look(column + n, row + ring);
        if (Math.abs(n) < ring) { look(column - ring, row + n); look(column + ring, row + n); }
      }
    }
    if (!best) return null;
    const { drawn, walked } = streets.walk[best.piece.edge];
    const along = drawn > 0 ? ((best.piece.before + best.share * best.piece.length) / drawn) * walked : 0;
    return { edge: best.piece.edge, ends: [along, walked - along], off: least };
  }

  /** The walk from a place to every node (Dijkstra 1959, with a binary heap). */
  function walksFrom(place) {
    const far = new Float64Array(streets.x.length).fill(Infinity);
    const heap = makeHeap();
    const reach = (node, length) => { if (length < far[node]) { far[node] = length; heap.push(length, node); } };
    reach(streets.tail[place.edge], place.off + place.ends[0]);
    reach(streets.head[place.edge], place.off + place.ends[1]);
    const { start, edges } = streets.arcs;
    for (let top = heap.pop(); top; top = heap.pop()) {
      const [length, node] = top;
      if (length > far[node]) continue;
      for (let slot = start[node]; slot < start[node + 1]; slot += 1) {
        const edge = edges[slot];
        reach(streets.tail[edge] === node ? streets.head[edge] : streets.tail[edge], length + streets.walk[edge].walked);
      }
    }
    return far;
  }

  function makeHeap() {
    const keys = [], nodes = [];
    const swap = (a, b) => { [keys[a], keys[b]] = [keys[b], keys[a]]; [nodes[a], nodes[b]] = [nodes[b], nodes[a]]; };
    return {
      push(key, node) {
        let at = keys.push(key) - 1;
        nodes.push(node);
        for (let up = (at - 1) >> 1; at > 0 && keys[up] > keys[at]; at = up, up = (at - 1) >> 1) swap(at, up);
      },
      pop() {
        if (!keys.length) return null;
        swap(0, keys.length - 1);
        const top = [keys.pop(), nodes.pop()];
        for (let at = 0; ;) {
          let least = at;
          for (const down of [2 * at + 1, 2 * at + 2]) if (down < keys.length && keys[down] < keys[least]) least = down;
          if (least === at) return top;
          swap(at, least);
          at = least;
        }
      },
    };
  }

  return {
    /**
     * Metres walked from a place to each of some {lon, lat}; Infinity where the file knows no way. Each is a real walk, and the
     * shortest unless a shorter one leaves the neighbourhood.
     */
    metresTo(lon, lat, devices) {
      const place = join(lon, lat);
      const far = place && walksFrom(place);
      return devices.map((device) => {
        const there = place && join(device.lon, device.lat);
        if (!there) return Infinity;
        let walk = Math.min(far[streets.tail[there.edge]] + there.ends[0], far[streets.head[there.edge]] + there.ends[1]);
        if (there.edge === place.edge) walk = Math.min(walk, place.off + Math.abs(place.ends[0] - there.ends[0]));
        return (walk + there.off) * unit;
      });
    },
  };
}
