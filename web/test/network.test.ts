import { expect, test } from "vitest";
import { dictionaries } from "../src/i18n.ts";
import { type NetLink, type NetNode, nameOf, shownAs } from "../src/network/api.ts";
import { frame, layout } from "../src/network/layout.ts";

const node = (id: string, kind: "vehicle" | "place", name = id): NetNode => ({
  id,
  name,
  kind,
  degree: 1,
  betweenness: 0,
  component: 0,
  community: 0,
  articulation: false,
  also: [],
  imports: [],
});
const link = (a: number, b: number): NetLink => ({
  a,
  b,
  kind: "visit",
  import: null,
  count: 1,
  sightings: [],
});

test("a network is laid out the same way twice, nothing on top of anything", () => {
  const nodes = [node("a", "place"), node("b", "vehicle"), node("c", "vehicle"), node("d", "place")];
  const links = [link(0, 1), link(0, 2), link(2, 3)];
  const places = layout(nodes, links, new Map());
  expect(layout(nodes, links, new Map())).toEqual(places);
  const all = [...places.values()];
  for (const [i, p] of all.entries())
    for (const q of all.slice(i + 1)) expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeGreaterThan(25);
  const box = frame(all);
  for (const p of all) {
    expect(p.x).toBeGreaterThan(box.x);
    expect(p.y).toBeLessThan(box.y + box.h);
  }
});

test("vehicles have a name in the reader's language, places keep theirs", () => {
  const truck = node("op/r1/A4", "vehicle", "truck A4");
  expect(nameOf(truck, dictionaries.es)).toBe("camión A4");
  expect(nameOf(truck, dictionaries.en)).toBe("truck A4");
  expect(nameOf(node("op/gate", "place", "Gate"), dictionaries.es)).toBe("Gate");
});

test("what an import says is shown as its word, whatever it calls its links", () => {
  expect(shownAs(link(0, 1))).toBe("visit");
  expect(shownAs({ ...link(0, 1), kind: "visit", import: 3 })).toBe("imported");
  const van = { ...node("import/1/x", "vehicle", "van 12"), imports: [1] };
  expect(nameOf(van, dictionaries.es)).toBe("van 12");
});
