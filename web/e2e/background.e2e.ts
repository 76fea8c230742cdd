/**
 * What `atalaya demo` does not have, put before the page by the test: the operator's own GeoTIFF, and
 * pictures of which the authority hides a part.
 */
import { writeArrayBuffer } from "geotiff";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "./browser.ts";

const URL = process.env.ATALAYA_URL ?? "http://127.0.0.1:8080/";

let browser: Browser;
let page: Page;

/** A magenta picture over the simulated site, in degrees; or one in a system that is not known. */
async function tiff(epsg: Record<string, number>): Promise<Buffer> {
  const side = 64;
  const values = new Uint8Array(side * side * 3).map((_, i) => (i % 3 === 1 ? 0 : 255));
  const bytes = await writeArrayBuffer(values, {
    width: side,
    height: side,
    SamplesPerPixel: 3,
    PhotometricInterpretation: 2,
    ModelPixelScale: [0.02 / side, 0.02 / side, 0],
    ModelTiepoint: [0, 0, 0, -3.51, 40.01, 0],
    ...epsg,
  });
  return Buffer.from(bytes as ArrayBuffer);
}

/** Share of the map that is nearly magenta. */
async function magenta(): Promise<number> {
  const png = PNG.sync.read(await page.getByTestId("map").screenshot());
  let n = 0;
  for (let i = 0; i < png.data.length; i += 4) {
    const [r = 0, g = 0, b = 0] = png.data.subarray(i, i + 3);
    if (r > 200 && g < 60 && b > 200) n++;
  }
  return n / (png.data.length / 4);
}

beforeAll(async () => {
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "es-ES" });
  const files: Record<string, Buffer> = {
    "site.tif": await tiff({ GeographicTypeGeoKey: 4326, GTModelTypeGeoKey: 2 }),
    "other.tif": await tiff({ ProjectedCSTypeGeoKey: 25830, GTModelTypeGeoKey: 1 }),
  };
  await page.route(/\/api\/v1\/backgrounds$/, (route) =>
    route.fulfill({ json: Object.entries(files).map(([name, b]) => ({ name, bytes: b.length })) }),
  );
  await page.route(/\/background\//, (route) => {
    const bytes = files[route.request().url().split("/").at(-1) ?? ""] ?? Buffer.alloc(0);
    const [, from = "0", to = ""] = /bytes=(\d+)-(\d*)/.exec(route.request().headers().range ?? "") ?? [];
    const last = Math.min(to ? Number(to) : bytes.length - 1, bytes.length - 1);
    return route.fulfill({
      status: 206,
      headers: { "Content-Range": `bytes ${from}-${last}/${bytes.length}`, "Accept-Ranges": "bytes" },
      body: bytes.subarray(Number(from), last + 1),
    });
  });
  // Every analysis says that a part of its picture is hidden.
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const text = typeof message === "string" ? message : null;
      if (text?.includes('"type":"frame"')) {
        socket.send(JSON.stringify({ ...(JSON.parse(text) as object), masked: 0.1 }));
      } else socket.send(message);
    });
  });
  await page.goto(URL);
});

afterAll(async () => {
  await browser?.close();
});

describe("the operator's own GeoTIFF", () => {
  it("lies under the map", async () => {
    const choice = page.getByLabel("Fondo");
    await choice.waitFor();
    expect(await magenta()).toBe(0);
    await choice.selectOption("site.tif");
    await expect.poll(magenta, { timeout: 60_000 }).toBeGreaterThan(0.2);
    await choice.selectOption("");
    await expect.poll(magenta, { timeout: 60_000 }).toBe(0);
  });

  it("that can't be shown is one line that says why", async () => {
    await page.getByLabel("Fondo").selectOption("other.tif");
    await page.getByRole("alert").getByText(/Este GeoTIFF no se puede mostrar \(EPSG:25830/).waitFor();
  });
});

describe("a picture of which a part is hidden", () => {
  it("says so", async () => {
    await page.getByTestId("masked").getByText("Oculto por la autorización").waitFor({ timeout: 60_000 });
  });
});

describe("zones", () => {
  it("are drawn in the picture until they are switched off", async () => {
    const yellow = () =>
      page.getByTestId("boxes").evaluate((c: HTMLCanvasElement) => {
        const data = c.getContext("2d")?.getImageData(0, 0, c.width, c.height).data ?? [];
        let n = 0;
        for (let i = 0; i < data.length; i += 4) {
          const [r, g, b] = [data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0];
          if (Math.abs(r - 232) < 12 && Math.abs(g - 196) < 12 && Math.abs(b - 104) < 12) n++;
        }
        return n;
      });
    await expect.poll(yellow, { timeout: 60_000 }).toBeGreaterThan(300);
    await page.getByRole("button", { name: "Zonas" }).click();
    await expect.poll(yellow, { timeout: 60_000 }).toBeLessThan(100);
  });
});
