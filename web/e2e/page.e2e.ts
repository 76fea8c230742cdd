/**
 * The page in a real Chromium against a running server: `ATALAYA_URL=http://127.0.0.1:8080/ npm run e2e`.
 * `make test` starts `atalaya demo` and gives its address. Pictures go to docs/images.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launch } from "./browser.ts";
import type { LiveFrame } from "../src/api.ts";
import type { Drawn } from "../src/player.ts";

const URL = process.env.ATALAYA_URL ?? "http://127.0.0.1:8080/";
const IMAGES = resolve(process.env.ATALAYA_IMAGES ?? "../docs/images");
/** `truth/boxes.csv` of the simulated world that is shown: then boxes are held against it. */
const TRUTH = process.env.ATALAYA_TRUTH;
/**
 * Median distance allowed between the centres of a drawn vehicle box and of the nearest true vehicle,
 * and the other way round, source pixels: half a car's length. Boxes take in shadows, and a busy
 * machine analyses fewer pictures.
 */
const MOST_PX = Number(process.env.ATALAYA_TRUTH_PX ?? 16);
/** The first alert of the demonstration comes within this time. */
const ALERT_MS = 150_000;

let browser: Browser;
let page: Page;
const complaints: string[] = [];
const sockets: WebSocketRoute[] = [];
let cut = false;

const hook = <T>(look: (h: NonNullable<Window["__atalaya"]>) => T): Promise<T | null> =>
  page.evaluate(
    `(() => { const h = window.__atalaya; return h ? (${look})(h) : null; })()`,
  ) as Promise<T | null>;

/** How many different colours a part of the screen shows, coarsely: a blank one has very few. */
async function colours(testId: string): Promise<number> {
  const png = PNG.sync.read(await page.getByTestId(testId).first().screenshot());
  const seen = new Set<number>();
  for (let i = 0; i < png.data.length; i += 4) {
    const [r = 0, g = 0, b = 0] = png.data.subarray(i, i + 3);
    seen.add(((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3));
  }
  return seen.size;
}

beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1600, height: 900 }, locale: "en-GB" });
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => {
    // A still that is not there (yet) is shown as such and is no fault of the page.
    if (m.type() === "error" && !m.text().includes("Failed to load resource")) complaints.push(m.text());
  });
  // Nothing may leave the machine.
  page.on("request", (r) => {
    const asked = new globalThis.URL(r.url());
    const inside = asked.host === new globalThis.URL(URL).host || /^(data|blob):$/.test(asked.protocol);
    if (!inside) complaints.push(`asked ${r.url()}`);
  });
  // A wire that a test can cut.
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    if (cut) {
      void socket.close();
      return;
    }
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.goto(URL);
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await page.screenshot({ path: `${IMAGES}/failed.png` });
});

afterAll(async () => {
  await browser?.close();
});

describe("the command post", () => {
  it("connects and shows the operation", async () => {
    await page.getByText("connected", { exact: true }).waitFor({ timeout: 60_000 });
    expect(await page.title()).toBe("Atalaya");
    expect(await page.locator(".badge.simulated").textContent()).toBe("SIMULATED");
    await page.getByLabel("Your name").fill("Officer Ríos");
    await page.keyboard.press("Escape");
  });

  it("shows video that moves, with boxes of the very frame", async () => {
    await page.waitForFunction(() => (window.__atalaya?.drawn?.overlay.points.length ?? 0) > 0, null, {
      timeout: ALERT_MS,
    });
    expect(await colours("video")).toBeGreaterThan(40);
    const before = (await hook((h) => h.drawn?.count)) ?? 0;
    await page.waitForFunction((n) => (window.__atalaya?.drawn?.count ?? 0) > n + 10, before);
    // Every drawn picture until enough were drawn in step: its boxes are those of its own presentation
    // time. A busy machine is late with many of them, and says so.
    const seen = (await page.evaluate(
      () =>
        new Promise((done) => {
          const list: { pts: number; kind: string; of: number | null; boxes: number }[] = [];
          const timer = setInterval(() => {
            const d = window.__atalaya?.drawn as Drawn | null | undefined;
            if (d && list.at(-1)?.pts !== d.pts) {
              const frame = d.overlay.frame as LiveFrame | null;
              list.push({
                pts: d.pts,
                kind: d.overlay.kind,
                of: frame?.pts_90k ?? null,
                boxes: d.overlay.points.length,
              });
            }
            if (list.filter((l) => l.kind === "exact").length > 10 || list.length >= 900) {
              clearInterval(timer);
              done(list);
            }
          }, 5);
        }),
    )) as { pts: number; kind: string; of: number | null; boxes: number }[];
    const exact = seen.filter((s) => s.kind === "exact");
    expect(exact.length).toBeGreaterThan(10);
    for (const s of exact) expect(s.of).toBe(s.pts);
    const boxes = page.getByTestId("boxes");
    const drawn = await boxes.evaluate((c: HTMLCanvasElement) => {
      const data = c.getContext("2d")?.getImageData(0, 0, c.width, c.height).data ?? [];
      let n = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i]) n++;
      return n;
    });
    expect(drawn).toBeGreaterThan(50);
  });

  it.skipIf(!TRUTH)("draws boxes on the true vehicles, and none of vehicles elsewhere", async () => {
    // Those that are only just in the picture may not have been seen long enough.
    const inner = ([x, y]: [number, number]) => x > 120 && y > 120 && x < 1160 && y < 600;
    const truth = new Map<number, [number, number][]>();
    for (const row of readFileSync(TRUTH ?? "", "utf8").split("\n")) {
      const [frame = 0, , x = 0, y = 0, w = 0, h = 0, , kind = 0] = row.split(",").map(Number);
      // Classes of MOT rows: 2 car, 3 pickup, 4 truck.
      if (kind >= 2 && kind <= 4) {
        truth.set(frame, [...(truth.get(frame) ?? []), [x + w / 2, y + h / 2]]);
      }
    }
    const found: number[] = [];
    const boxes: number[] = [];
    const until = Date.now() + ALERT_MS;
    let last = -1e9;
    while ((found.length < 40 || boxes.length < 40) && Date.now() < until) {
      const drawn = await hook((h) => h.drawn);
      const { frame, kind, points } = drawn?.overlay ?? {};
      // Half a second apart: neighbouring pictures say the same.
      if (!drawn || !frame || kind !== "exact" || Math.abs(drawn.pts - last) < 45_000) continue;
      last = drawn.pts;
      const vehicles = truth.get(frame.frame) ?? [];
      const centres = (points ?? []).map(
        (p): [number, number] => [p.box.x + p.box.w / 2, p.box.y + p.box.h / 2],
      );
      const nearest = ([x, y]: [number, number], among: [number, number][]) =>
        Math.min(...among.map(([u, v]) => Math.hypot(u - x, v - y)), 9999);
      for (const v of vehicles) if (inner(v)) found.push(nearest(v, centres));
      for (const [i, p] of (points ?? []).entries()) {
        const centre = centres[i];
        const vehicle = ["car", "pickup", "truck"].includes(p.class);
        const observed = ["seen", "stopped"].includes(p.state);
        if (centre && vehicle && observed && inner(centre)) boxes.push(nearest(centre, vehicles));
      }
    }
    const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
    console.log(
      `true vehicles to boxes: ${found.length} samples, median ${median(found).toFixed(1)} px; ` +
        `boxes of vehicles to true ones: ${boxes.length} samples, median ${median(boxes).toFixed(1)} px`,
    );
    expect(found.length).toBeGreaterThanOrEqual(40);
    expect(boxes.length).toBeGreaterThanOrEqual(40);
    expect(median(found)).toBeLessThanOrEqual(MOST_PX);
    expect(median(boxes)).toBeLessThanOrEqual(MOST_PX);
  });

  it("draws the map with the picture on its footprint", async () => {
    await page.waitForFunction(() => window.__atalaya?.map?.drapedPts != null);
    expect(await colours("map")).toBeGreaterThan(30);
  });

  it("gets an alert, shows what it rests on, and takes an acknowledgement", async () => {
    // A tripwire's cue has no pictures of its own: the vehicle that stays has.
    const first = page.locator('.alert.open[data-key*="long-stay"]').first();
    await first.waitFor({ timeout: ALERT_MS });
    const key = await first.getAttribute("data-key");
    await page.keyboard.press("j");
    await page.locator(".detail h2").waitFor();
    await page.locator(`.alert[data-key="${key}"] .alert-main`).click();
    await page.locator(".strip button").first().click();
    await page.locator(".enlarged img").waitFor();
    await page.keyboard.press("c");
    await page.keyboard.type("Same truck as on Tuesday");
    await page.keyboard.press("Enter");
    await page.locator(".acts-log q", { hasText: "Same truck as on Tuesday" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".note-form textarea").fill("Gate opened by a second person");
    await page.locator(".note-form button").click();
    await page.locator(".note", { hasText: "Gate opened" }).waitFor();
    await page.locator(".note-form textarea").blur();
    await page.screenshot({ path: `${IMAGES}/page-en.png` });
    await page.keyboard.press("a");
    await page.locator(`.alert.acknowledged[data-key="${key}"]`).waitFor();
    await page.locator(".acts-log li", { hasText: "acknowledged" }).waitFor();
    const stored = await page.evaluate(
      async (k) => (await (await fetch(`/api/v1/alerts/${encodeURIComponent(k)}`)).json()) as unknown,
      key ?? "",
    );
    expect(stored).toMatchObject({
      alert: { state: "acknowledged" },
      acts: [
        { act: "comment", author: { name: "Officer Ríos", verified: false } },
        { act: "acknowledge", author: { name: "Officer Ríos", verified: false } },
      ],
    });
  });

  it("rejects the next alert, and remembers it after a reload", async () => {
    const next = page.locator(".alert.open").first();
    await next.waitFor({ timeout: ALERT_MS });
    const key = await next.getAttribute("data-key");
    await page.locator(`.alert[data-key="${key}"] .alert-acts .quiet`).click();
    await page.locator(".draft.reject input").fill("A shadow");
    await page.keyboard.press("Enter");
    await page.locator(`.alert.rejected[data-key="${key}"]`).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.locator(`.alert.rejected[data-key="${key}"]`).waitFor();
    await page.locator(".note", { hasText: "Gate opened" }).waitFor();
  });

  it("speaks Spanish, and keeps the choice", async () => {
    await page.locator(".langs button[lang=es]").click();
    await page.getByRole("heading", { name: "Libro de guardia" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("es");
    expect(await page.locator(".badge.simulated").textContent()).toBe("SIMULADO");
    await page.locator(".alert .alert-main").first().click();
    await page.waitForFunction(() => window.__atalaya?.map?.drapedPts != null);
    await page.waitForFunction(() => (window.__atalaya?.drawn?.overlay.points.length ?? 0) > 0, null, {
      timeout: ALERT_MS,
    });
    await page.screenshot({ path: `${IMAGES}/page-es.png` });
    await page.reload();
    await page.getByRole("heading", { name: "Libro de guardia" }).waitFor();
  });

  it("says so when the connection is lost, and comes back by itself", async () => {
    cut = true;
    for (const socket of sockets.splice(0)) await socket.close();
    await page.getByText(/CONEXIÓN PERDIDA/).waitFor();
    expect(await page.locator(".stage.stale").count()).toBe(1);
    const count = (await hook((h) => h.drawn?.count)) ?? 0;
    cut = false;
    await page.getByText(/CONEXIÓN PERDIDA/).waitFor({ state: "detached" });
    await page.waitForFunction((n) => (window.__atalaya?.drawn?.count ?? 0) > n + 5, count);
    expect(await page.locator(".stage.stale").count()).toBe(0);
  });

  it("did not complain, and asked nothing of other machines", () => {
    expect(complaints).toEqual([]);
  });
});
