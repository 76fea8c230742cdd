/** Recorded video of a place and a clip of it; a landmark; in both languages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Post, press, shot, start, URL } from "./browser.ts";

type LonLat = [number, number];
let post: Post;

beforeAll(async () => {
  post = await start("Officer Ríos");
});

afterAll(async () => {
  await post?.browser.close();
});

/** Ground in the middle of the picture that is shown: where the footprint's diagonals cross. */
const middle = () =>
  post.page.evaluate(() => {
    type Hook = { drawn: { overlay: { frame: { coverage: { footprint_lon_lat: LonLat[] | null } } | null } } | null };
    const corners = (window as unknown as { __atalaya: Hook }).__atalaya.drawn?.overlay.frame?.coverage.footprint_lon_lat;
    const [a, b, c, d] = corners ?? [];
    if (!a || !b || !c || !d) return null;
    const [r, s] = [
      [c[0] - a[0], c[1] - a[1]],
      [d[0] - b[0], d[1] - b[1]],
    ] as [LonLat, LonLat];
    const k = ((b[0] - a[0]) * s[1] - (b[1] - a[1]) * s[0]) / (r[0] * s[1] - r[1] * s[0]);
    return [a[0] + k * r[0], a[1] + k * r[1]] as LonLat;
  });

describe("a landmark", () => {
  it("is pointed at in the picture, given its place, and says what it did", async () => {
    const { page } = post;
    await expect.poll(middle, { timeout: 60_000 }).not.toBeNull();
    await press(page.getByRole("button", { name: "Landmark", exact: true }));
    const form = page.getByTestId("landmark");
    const picture = await page.getByTestId("boxes").boundingBox();
    if (!picture) throw new Error("no picture");
    const at = await middle();
    // Below the form's place, where the middle is.
    await page.mouse.click(picture.x + picture.width / 2, picture.y + picture.height / 2);
    await form.getByLabel("Latitude, longitude").fill(`${at?.[1]}, ${at?.[0]}`);
    await form.getByLabel("Known to, m").fill("3");
    await press(form.getByRole("button", { name: "Give landmark" }));
    await page.getByTestId("landmark-fit").getByText(/Taken: the picture had it [\d.]+ m off/).waitFor();
    await press(form.getByRole("button", { name: "Close" }));
  });
});

describe("video of a place", () => {
  it("is found by a click on the map, with how well a person could have been made out", async () => {
    const { page } = post;
    await press(page.getByRole("button", { name: "Whole site" }));
    await press(page.getByRole("button", { name: "Video of a place" }));
    const map = await page.getByTestId("map").boundingBox();
    if (!map) throw new Error("no map");
    await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2);
    const found = page.getByTestId("footage");
    await found.getByText(/a person in the open could have been made out: \d+ %; a vehicle: \d+ %/).first().waitFor();
    // The oldest is surely written: it is shown small, and large when it is clicked.
    const still = found.locator(".place-still").last();
    const width = () => still.locator("img").evaluate((i: HTMLImageElement) => i.naturalWidth);
    await still.scrollIntoViewIfNeeded();
    await expect.poll(width, { timeout: 60_000 }).toBe(160);
    await press(still);
    await expect.poll(width, { timeout: 60_000 }).toBe(640);
    await press(still);
    await found.locator("header").scrollIntoViewIfNeeded();
    await shot(page, "footage-en");
  });

  it("gives clips that are transport streams, and says so in the log of acts", async () => {
    const { page } = post;
    // The newest may still be written: the oldest is surely there.
    const href = await page.getByTestId("footage").locator("a").last().getAttribute("href");
    const clip = await page.request.get(new globalThis.URL(href ?? "", URL).href);
    expect(clip.status(), await clip.text().catch(() => "")).toBe(200);
    expect(clip.headers()["content-type"]).toBe("video/mp2t");
    const bytes = await clip.body();
    expect([bytes.length % 188, bytes[0], bytes[188]]).toEqual([0, 0x47, 0x47]);
    const acts = await page.request.get(new globalThis.URL("/api/v1/audit?limit=50", URL).href);
    const said = await acts.text();
    expect(said).toContain("evidence.export");
    expect(said).toContain("evidence.search");
  });

  it("speaks Spanish", async () => {
    const { page } = post;
    await page.locator(".langs button[lang=es]").click();
    await page.getByTestId("footage").getByText(/Vídeo que vio/).waitFor();
    await press(page.getByTestId("footage").getByRole("button", { name: "Cerrar" }));
    await page.locator(".langs button[lang=en]").click();
    expect(post.complaints).toEqual([]);
  });
});
