/** The map of what the gas feed thinks: heat, legend, and a ground sensor's "look there", in both languages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERT_MS, type Post, press, share, shot, start } from "./browser.ts";

let post: Post;
/** The ramp's likely end, over whatever lies below: red, and far more red than anything else. */
const hot = (r: number, g: number, b: number) => r > 110 && r > 2 * g && r > 2 * b;

/** A picture with the heat in it: a run begins anew now and then, and the nose with it. */
async function shotOfHeat(says: RegExp, name: string): Promise<void> {
  const legend = post.page.getByTestId("emission").getByText(says);
  for (let i = 0; i < 4; i++) {
    await legend.waitFor({ timeout: ALERT_MS });
    await expect.poll(() => share(post.page, "map", hot), { timeout: ALERT_MS }).toBeGreaterThan(0.0005);
    await shot(post.page, name);
    if ((await legend.count()) > 0) return;
  }
}

beforeAll(async () => {
  post = await start("Officer Ríos");
});

afterAll(async () => {
  await post?.browser.close();
});

describe("the gas feed on the map", () => {
  it("says what it thinks in a line, and draws where", async () => {
    const { page } = post;
    const legend = page.getByTestId("emission");
    await legend.getByText(/CH4: source \d+ %, [\d.]+ kg\/h \([\d.]+–[\d.]+\)/).waitFor({ timeout: ALERT_MS });
    await legend.getByText("lines: 50 % and 90 % of its place").waitFor();
    // The legend speaks the language of what is drawn: no number without its unit, its time with it.
    expect(await legend.locator("time").first().textContent()).toMatch(/^\d\d:\d\d:\d\dZ$/);
    await press(page.getByRole("button", { name: "Whole site" }));
    await expect.poll(() => share(page, "map", hot), { timeout: ALERT_MS }).toBeGreaterThan(0.0005);
  });

  it("is hidden and shown with a button", async () => {
    const { page } = post;
    // Red roofs in the picture are no heat.
    const video = page.getByRole("button", { name: "Video on map", exact: true });
    await press(video);
    await expect.poll(() => share(page, "map", hot), { timeout: ALERT_MS }).toBeGreaterThan(0.0002);
    const button = page.getByRole("button", { name: "Gas", exact: true });
    await press(button);
    await expect.poll(() => page.getByTestId("emission").count(), { timeout: 60_000 }).toBe(0);
    await expect.poll(() => share(page, "map", hot), { timeout: 60_000 }).toBeLessThan(0.0002);
    await press(button);
    await page.getByTestId("emission").waitFor();
    await expect.poll(() => share(page, "map", hot), { timeout: ALERT_MS }).toBeGreaterThan(0.0002);
    await press(video);
  }, 400_000);
});

describe("a ground sensor's cue", () => {
  it("calls: look there, on the list and on the map", async () => {
    const { page } = post;
    await press(page.getByRole("button", { name: "All", exact: true }));
    const alert = page.locator('.alert[data-key*="gate-wire"]').first();
    await alert.waitFor({ timeout: ALERT_MS });
    await alert.getByText(/Look there: a ground sensor calls/).waitFor();
    await press(alert.locator(".alert-main"));
    await page.locator(".detail").getByText(/look there/i).first().waitFor();
    await shotOfHeat(/CH4: source \d+ %, /, "heat-en");
  });

  it("and all of it in Spanish", async () => {
    const { page } = post;
    await press(page.locator(".langs button[lang=es]"));
    const legend = page.getByTestId("emission");
    await legend.getByText(/CH4: fuente \d+ %, /).waitFor({ timeout: ALERT_MS });
    await legend.getByText("líneas: 50 % y 90 % de su lugar").waitFor();
    await page.locator(".detail").getByText(/mire allí/i).first().waitFor();
    await shotOfHeat(/CH4: fuente \d+ %, /, "heat-es");
  });

  it("did not make the page complain", () => {
    expect(post.complaints).toEqual([]);
  });
});
