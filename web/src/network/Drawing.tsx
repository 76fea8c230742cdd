import { useMemo, useRef } from "react";
import { usePage } from "../context.ts";
import { brought, type NetLink, type NetNode, nameOf, shownAs } from "./api.ts";
import { frame, layout, type Placed, radius } from "./layout.ts";
import type { Chosen } from "./NetworkView.tsx";

/** A shape for each kind: places are squares, vehicles circles, organisations diamonds, things hexagons, persons named by the authority rounded. */
function Shape({ kind, r }: { kind: NetNode["kind"]; r: number }) {
  const corners = (n: number, turn: number) =>
    Array.from({ length: n }, (_, i) => {
      const a = turn + (2 * Math.PI * i) / n;
      return `${(r * 1.2 * Math.cos(a)).toFixed(1)},${(r * 1.2 * Math.sin(a)).toFixed(1)}`;
    }).join(" ");
  if (kind === "place") return <rect className="shape" x={-r} y={-r} width={2 * r} height={2 * r} rx={3} />;
  if (kind === "organisation") return <polygon className="shape" points={corners(4, 0)} />;
  if (kind === "thing") return <polygon className="shape" points={corners(6, 0)} />;
  if (kind === "person") return <polygon className="shape" points={corners(3, -Math.PI / 2)} />;
  return <circle className="shape" r={r} />;
}

/** The network as shapes and lines; colours are communities. */
export function Drawing(props: {
  nodes: NetNode[];
  /** All of them: places do not jump when kinds are hidden. */
  links: NetLink[];
  shown: NetLink[];
  chosen: Chosen;
  choose: (c: Chosen) => void;
}) {
  const { t } = usePage();
  const { nodes, links, shown, chosen, choose } = props;
  const before = useRef<ReadonlyMap<string, Placed>>(new Map());
  const places = useMemo(() => {
    before.current = layout(nodes, links, before.current);
    return before.current;
  }, [nodes, links]);
  const box = frame(places.values());
  const at = (i: number): Placed => places.get(nodes[i]?.id ?? "") ?? { x: 0, y: 0 };

  const pick = (n: NetNode, more: boolean) => {
    const others = chosen.nodes.filter((id) => id !== n.id).slice(-1);
    choose({ nodes: more ? [...others, n.id] : [n.id], link: null });
  };
  return (
    <svg
      className="net"
      viewBox={`${box.x} ${box.y} ${box.w} ${box.h}`}
      role="group"
      onClick={(e) => {
        if (e.target === e.currentTarget) choose({ nodes: [], link: null });
      }}
    >
      {shown.map((l) => {
        const [a, b] = [at(l.a), at(l.b)];
        const ends = { a: nodes[l.a]?.id ?? "", b: nodes[l.b]?.id ?? "", kind: l.kind, import: l.import };
        const on = chosen.link?.a === ends.a && chosen.link.b === ends.b && chosen.link.kind === l.kind && chosen.link.import === l.import;
        // Two kinds of link between the same two do not lie on one another.
        const as = shownAs(l);
        const bend = { visit: 0, route: 14, meeting: -14, imported: 24 }[as];
        const [dx, dy] = [b.x - a.x, b.y - a.y];
        const far = Math.hypot(dx, dy) || 1;
        const d = `M${a.x} ${a.y} Q${(a.x + b.x) / 2 - (dy / far) * bend} ${(a.y + b.y) / 2 + (dx / far) * bend} ${b.x} ${b.y}`;
        return (
          <g key={`${l.a}-${l.b}-${l.kind}-${l.import}`} className={`link kind-${as}${on ? " on" : ""}`}>
            <path d={d} style={{ strokeWidth: 1 + Math.min(5, Math.sqrt(l.count)) }} />
            {/* A line is hard to hit. */}
            <path className="wide" d={d} onClick={() => choose({ nodes: [], link: ends })}>
              <title>
                {nameOf(nodes[l.a], t)} – {nameOf(nodes[l.b], t)} · {l.count}
              </title>
            </path>
          </g>
        );
      })}
      {nodes.map((n, i) => {
        const p = at(i);
        const r = radius(n);
        const on = chosen.nodes.includes(n.id);
        return (
          <g
            key={n.id}
            className={`node ${n.kind} community-${n.community % 6}${on ? " on" : ""}${n.articulation ? " cut" : ""}${brought(n) ? " imported" : ""}`}
            transform={`translate(${p.x} ${p.y})`}
            role="button"
            tabIndex={0}
            aria-pressed={on}
            aria-label={nameOf(n, t)}
            onClick={(e) => pick(n, e.shiftKey)}
            onKeyDown={(e) => {
              if (e.key === "Enter" || e.key === " ") {
                e.preventDefault();
                pick(n, e.shiftKey);
              }
            }}
          >
            <Shape kind={n.kind} r={r} />
            <text y={r + 14}>{shortened(nameOf(n, t))}</text>
          </g>
        );
      })}
    </svg>
  );
}

/** A long name, as far as there is room. */
function shortened(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}
