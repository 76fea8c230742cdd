"""Compares `atalaya network` with networkx and igraph on random graphs.

usage: network_peers.py BINARY [--graphs N] [--nodes N] [--seed N]

Three families: Erdős–Rényi, Barabási–Albert, stochastic blocks. Measures must be equal: degree,
betweenness (by steps and by weights), components, articulation points, Burt's constraint and
effective size. Communities are compared by modularity with Leiden (igraph) and Louvain (networkx).
Dismantling is compared with adaptive betweenness (igraph counts it anew after each removal) by the
area under the curve of the largest component. GraphML is read back by networkx. Prints Markdown; exit
1 when a measure differs or the mean area of a family is worse than adaptive betweenness.
"""

import argparse
import csv
import io
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import igraph
import networkx

# A hundredth of a millionth: sums of the same numbers in another order.
TOLERANCE = 1e-8
# 1 / weight as whole numbers for weights from 1 to 9, so that equal paths are equal for the peer too.
UNIT = 2520


def graphs(nodes: int, count: int, seed: int):
    for i in range(count):
        s = seed + i
        yield "Erdős–Rényi", networkx.gnp_random_graph(nodes, 4.0 / nodes, seed=s)
        yield "Barabási–Albert", networkx.barabasi_albert_graph(nodes, 2, seed=s)
        sizes = [nodes // 4] * 3 + [nodes - 3 * (nodes // 4)]
        inside, between = 12.0 / nodes, 0.8 / nodes
        p = [[inside if a == b else between for a in range(4)] for b in range(4)]
        yield "stochastic blocks", networkx.stochastic_block_model(sizes, p, seed=s)


def atalaya(binary: str, *arguments: str) -> tuple[str, str]:
    done = subprocess.run([binary, "network", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout, done.stderr


def write(graph: networkx.Graph, path: Path) -> None:
    with open(path, "w", encoding="utf-8") as out:
        out.write("source,target,weight\n")
        for a, b, w in graph.edges(data="weight"):
            out.write(f"n{a},n{b},{w}\n")


def read_rows(text: str) -> dict[int, dict[str, str]]:
    return {int(row["node"][1:]): row for row in csv.DictReader(io.StringIO(text))}


def worst(ours: dict[int, float], theirs: dict[int, float]) -> float:
    """The largest difference, relative to values above 1."""
    assert ours.keys() == theirs.keys()
    return max((abs(ours[v] - theirs[v]) / max(1.0, abs(theirs[v])) for v in ours), default=0.0)


def column(rows: dict[int, dict[str, str]], name: str) -> dict[int, float]:
    return {v: float(row[name]) for v, row in rows.items()}


def measures(binary: str, graph: networkx.Graph, path: Path) -> dict[str, float]:
    """Differences of each measure; sets are 0 when equal and 1 when not."""
    rows = read_rows(atalaya(binary, "measure", "--more", str(path))[0])
    weighted = read_rows(atalaya(binary, "measure", "--weighted", "--counts", str(path))[0])
    n = len(rows)
    found: dict[str, float] = {}
    found["degree"] = worst(column(rows, "degree"), dict(graph.degree()))
    between = networkx.betweenness_centrality(graph)
    found["betweenness (share)"] = worst(column(rows, "betweenness"), between)
    lengths = networkx.betweenness_centrality(graph, weight="length", normalized=False)
    found["betweenness over weights"] = worst(column(weighted, "betweenness"), lengths)
    parts = sorted(tuple(sorted(c)) for c in networkx.connected_components(graph))
    ours: dict[str, list[int]] = {}
    for v, row in rows.items():
        ours.setdefault(row["component"], []).append(v)
    found["components"] = float(sorted(tuple(sorted(c)) for c in ours.values()) != parts)
    cut = {v for v, row in rows.items() if row["articulation"] == "1"}
    found["articulation points"] = float(cut != set(networkx.articulation_points(graph)))
    linked = {v for v in graph if graph.degree(v) > 0}
    assert len(linked) == n, "an edge list has no lonely nodes"
    found["constraint"] = worst(column(rows, "constraint"), networkx.constraint(graph, weight="weight"))
    effective = networkx.effective_size(graph, weight="weight")
    found["effective size"] = worst(column(rows, "effective_size"), effective)
    text, _ = atalaya(binary, "export", "--to", "graphml", str(path))
    back = networkx.read_graphml(io.BytesIO(text.encode()))
    ends = {(f"n{a}", f"n{b}", float(w)) for a, b, w in graph.edges(data="weight")}
    theirs = {(a, b, float(w)) for a, b, w in back.edges(data="weight")}
    found["GraphML read by networkx"] = float(
        {(*sorted(e[:2]), e[2]) for e in ends} != {(*sorted(e[:2]), e[2]) for e in theirs}
    )
    return found


def community_quality(binary: str, graph: networkx.Graph, path: Path, seed: int) -> tuple[float, float, float]:
    text, _ = atalaya(binary, "communities", str(path))
    groups: dict[str, set[int]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        groups.setdefault(row["community"], set()).add(int(row["node"][1:]))
    ours = networkx.community.modularity(graph, groups.values())
    random.seed(seed)
    g = igraph.Graph.from_networkx(graph)
    leiden = g.community_leiden("modularity", weights="weight", n_iterations=-1)
    louvain = networkx.community.louvain_communities(graph, seed=seed)
    return ours, g.modularity(leiden, weights="weight"), networkx.community.modularity(graph, louvain)


def area(graph: networkx.Graph, order: list) -> float:
    """Mean share of the largest component over all removals, counted by a union-find backwards."""
    parent, size, total, most = {}, {}, 0, 0

    def find(v):
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        return v

    for v in reversed(order):
        total += most
        parent[v], size[v] = v, 1
        for u in graph[v]:
            if u in parent:
                a, b = find(v), find(u)
                if a != b:
                    parent[a] = b
                    size[b] += size[a]
        most = max(most, size[find(v)])
    n = len(order)
    assert n == len(graph)
    return total / (n * n)


def adaptive_betweenness(graph: networkx.Graph) -> list:
    g = igraph.Graph.from_networkx(graph)
    order = []
    while g.vcount():
        value = g.betweenness()
        v = max(range(g.vcount()), key=lambda i: (value[i], g.degree(i), -i))
        order.append(g.vs[v]["_nx_name"])
        g.delete_vertices(v)
    return order


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--graphs", type=int, default=10, help="of each family")
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    differences: dict[str, float] = {}
    quality: dict[str, list] = {}
    areas: dict[str, list] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.csv"
        for family, graph in graphs(a.nodes, a.graphs, a.seed):
            graph = networkx.Graph(graph.edges())
            draw = random.Random(a.seed)
            for _, _, data in graph.edges(data=True):
                data["weight"] = draw.randint(1, 9)
                data["length"] = UNIT // data["weight"] if UNIT % data["weight"] == 0 else UNIT / data["weight"]
            write(graph, path)
            for name, value in measures(a.binary, graph, path).items():
                differences[name] = max(differences.get(name, 0.0), value)
            quality.setdefault(family, []).append(community_quality(a.binary, graph, path, a.seed))
            text, said = atalaya(a.binary, "dismantle", str(path))
            order = [int(row["node"][1:]) for row in csv.DictReader(io.StringIO(text))]
            ours = area(graph, order)
            stated = float(next(line for line in said.splitlines() if line.startswith("area ")).split()[1].rstrip(":"))
            assert abs(stated - ours) < 1e-6, (stated, ours)
            areas.setdefault(family, []).append((ours, area(graph, adaptive_betweenness(graph))))
            print(f"{family}: {len(graph)} nodes, {graph.number_of_edges()} links", file=sys.stderr)
    print(f"{a.graphs} graphs of each family with up to {a.nodes} nodes, seed {a.seed}; "
          f"networkx {networkx.__version__}, igraph {igraph.__version__}\n")
    print("| measure | largest difference from networkx |\n|---|---:|")
    for name, value in differences.items():
        print(f"| {name} | {value:.1e} |" if value else f"| {name} | 0 |")
    print("\n| communities, mean modularity | ours | Leiden (igraph) | Louvain (networkx) | ours below both |\n|---|---:|---:|---:|---:|")
    for family, rows in quality.items():
        mean = [sum(r[i] for r in rows) / len(rows) for i in range(3)]
        below = sum(r[0] < min(r[1], r[2]) - 1e-9 for r in rows)
        print(f"| {family} | {mean[0]:.4f} | {mean[1]:.4f} | {mean[2]:.4f} | {below} of {len(rows)} |")
    print("\n| area under the largest component | ours | adaptive betweenness | ratio, worst graph | worse |\n|---|---:|---:|---:|---:|")
    bad = [name for name, value in differences.items() if value > TOLERANCE]
    for family, rows in areas.items():
        ours = sum(r[0] for r in rows) / len(rows)
        peer = sum(r[1] for r in rows) / len(rows)
        ratio = max(r[0] / r[1] for r in rows)
        worse = sum(r[0] > r[1] for r in rows)
        print(f"| {family} | {ours:.4f} | {peer:.4f} | {ratio:.3f} | {worse} of {len(rows)} |")
        if ours > peer:
            bad.append(f"dismantling of {family}")
    if bad:
        print(f"different or worse: {', '.join(bad)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
