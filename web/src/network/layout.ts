/** Where the nodes of a network are drawn. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
import type { NetLink, NetNode } from "./api.ts";

export interface Placed {
  x: number;
  y: number;
}

interface Body extends Placed {
  index: number;
}

/** Nodes that are laid out while somebody waits. */
export const MOST_DRAWN = 600;

/** A node's radius, pixels. */
export function radius(node: NetNode): number {
  return (node.kind === "place" ? 11 : 7) + Math.min(9, Math.sqrt(node.degree));
}

/**
 * Places by springs along links and repulsion between nodes (Fruchterman & Reingold 1991; the
 * library's velocity Verlet integration). The same network is laid out the same way: the start is a
 * spiral by number and no chance is involved. Nodes that `before` knows begin where they were.
 */
export function layout(
  nodes: NetNode[],
  links: NetLink[],
  before: ReadonlyMap<string, Placed>,
): Map<string, Placed> {
  const bodies: Body[] = nodes.map((n, index) => {
    const angle = index * 2.399963; // the golden angle
    const far = 18 * Math.sqrt(index + 1);
    const was = before.get(n.id);
    return {
      index,
      x: was?.x ?? far * Math.cos(angle),
      y: was?.y ?? far * Math.sin(angle),
    };
  });
  const springs = links.map((l) => ({ source: l.a, target: l.b }));
  const simulation = forceSimulation(bodies)
    .force("link", forceLink(springs).distance(130).strength(0.5))
    .force("apart", forceManyBody().strength(-420).distanceMax(600))
    .force("together-x", forceX(0).strength(0.05))
    .force("together-y", forceY(0).strength(0.07))
    .force(
      "room",
      forceCollide<Body>((b) => radius(nodes[b.index] as NetNode) + 30),
    )
    .stop();
  for (let i = 0; i < 240; i++) simulation.tick();
  return new Map(nodes.map((n, i) => [n.id, { x: bodies[i]?.x ?? 0, y: bodies[i]?.y ?? 0 }]));
}

/** The rectangle that holds all of them with room for their names. */
export function frame(places: Iterable<Placed>): { x: number; y: number; w: number; h: number } {
  // A small network is not blown up.
  let [x0, y0, x1, y1] = [-430, -270, 430, 270];
  for (const p of places) {
    x0 = Math.min(x0, p.x - 60);
    x1 = Math.max(x1, p.x + 60);
    y0 = Math.min(y0, p.y - 40);
    y1 = Math.max(y1, p.y + 46);
  }
  return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}
