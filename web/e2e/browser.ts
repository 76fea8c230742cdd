/** One Chromium for a file of tests: what it may not do is collected as a complaint. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { PNG } from "pngjs";

export const URL = process.env.ATALAYA_URL ?? "http://127.0.0.1:8080/";
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const IMAGES = resolve(process.env.ATALAYA_IMAGES ?? "../docs/images");
/** The first alert of the demonstration comes within this time. */
export const ALERT_MS = 150_000;

export interface Post {
  browser: Browser;
  page: Page;
  complaints: string[];
}

/** Debian's Chromium without a graphics card: WebGL in software, and the page put together without it. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--headless",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      // Half the processor time of putting the page together in software OpenGL, too.
      "--disable-gpu-compositing",
      "--ignore-gpu-blocklist",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export async function start(name: string, width = 1600, height = 900): Promise<Post> {
  mkdirSync(IMAGES, { recursive: true });
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width, height }, locale: "en-GB" });
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => {
    // A still that is not there (yet), and what is refused on purpose, are no faults of the page.
    if (m.type() === "error" && !m.text().includes("Failed to load resource")) complaints.push(m.text());
  });
  page.on("request", (r) => {
    const asked = new globalThis.URL(r.url());
    const inside = asked.host === new globalThis.URL(URL).host || /^(data|blob):$/.test(asked.protocol);
    if (!inside) complaints.push(`asked ${r.url()}`);
  });
  await page.goto(URL);
  await page.locator(".langs button[lang=en]").click();
  await page.locator(".user input").fill(name);
  await page.locator(".user input").blur();
  return { browser, page, complaints };
}

/** A busy machine takes its time. */
export const shot = (page: Page, name: string) =>
  page.screenshot({ path: `${IMAGES}/${name}.png`, timeout: 150_000 });

/** Share of a part of the screen whose colour satisfies this. */
export async function share(
  page: Page,
  testId: string,
  is: (r: number, g: number, b: number) => boolean,
): Promise<number> {
  const png = PNG.sync.read(await page.getByTestId(testId).first().screenshot());
  let n = 0;
  for (let i = 0; i < png.data.length; i += 4) {
    const [r = 0, g = 0, b = 0] = png.data.subarray(i, i + 3);
    if (is(r, g, b)) n++;
  }
  return n / (png.data.length / 4);
}

/** A click that does not wait until nothing moves: on a busy machine something always does. */
export async function press(what: Locator): Promise<void> {
  await what.waitFor({ timeout: 60_000 });
  await what.evaluate((e: HTMLElement) => e.click());
}
