/**
 * The demonstration's story, from a judge's order to a partner's outcome, on our page, first in English and then
 * in Spanish, and on the partner's. It goes step by step, takes what is done by hand, and plays to its end by itself.
 * Pictures go to docs/images (two) and out/e2e/images.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "./browser.ts";
import type { Step } from "../src/story/api.ts";

const URL = process.env.ATALAYA_URL ?? "http://127.0.0.1:8080/";
const PARTNER_URL = process.env.ATALAYA_PARTNER_URL;
const IMAGES = resolve(process.env.ATALAYA_IMAGES ?? "../docs/images");
const MORE_IMAGES = resolve(process.env.ATALAYA_RELEASE_IMAGES ?? "../out/e2e/images");
/** The next alert that joins a delivery and an emission comes within this time. */
const ALERT_MS = 170_000;

let browser: Browser;
let page: Page;
const complaints: string[] = [];

async function open(url: string, lang: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, locale: lang });
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => {
    // A still that is not there is no fault of the page.
    if (m.type() === "error" && !m.text().includes("Failed to load resource")) complaints.push(m.text());
  });
  page.on("dialog", (d) => void d.accept());
  await page.goto(url);
  await page.locator(`.langs button[lang=${lang}]`).click();
  return page;
}

const guide = () => page.locator(".guide");
/** The steps, as the server tells them. */
async function steps(): Promise<Record<string, Step>> {
  const told = (await page.evaluate("fetch('/api/v1/story').then((r) => r.json())")) as { steps: Step[] };
  return Object.fromEntries(told.steps.map((s) => [s.id, s]));
}
/** Waits until it is this step's turn, which lasts until somebody or something does it. */
const turn = (step: string, timeout = 60_000) =>
  page.locator(`.guide[data-step=${step}]`).waitFor({ timeout });
const key = (name: string | RegExp) => guide().getByRole("button", { name });
const just = () => guide().locator(".guide-just p").textContent();
/** Does the step now, and waits for the next one. */
async function now(step: string, next: string, timeout?: number): Promise<void> {
  await turn(step, timeout);
  await key(/Do it now|Hacerlo ya/).click();
  await turn(next);
}

beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  mkdirSync(MORE_IMAGES, { recursive: true });
  browser = await launch();
  page = await open(URL, "en");
});

afterAll(async () => {
  await browser?.close();
});

describe.skipIf(!PARTNER_URL)("the story", () => {
  it("goes from the order to a certified plan and a flight", async () => {
    await key("From the beginning").click();
    await turn("order");
    await guide().getByLabel("Take me along").check();
    await now("order", "plan");
    expect(await just()).toMatch(/Order SIM-\d+ of SIMULATED court is in force until 20\d\d-/);
    await now("plan", "flight");
    expect(await just()).toMatch(/Certified: an orbit of \d+ m .* in view \d+ % of the time/);
    await key("Do it now").click();
    // What follows may have happened by the time the flight has begun.
    await expect.poll(async () => (await steps()).flight?.state, { timeout: 60_000 }).toBe("done");
    expect((await steps()).flight?.facts).toMatchObject({ by: "L. Ríos", system: 2 });
    const legend = page.getByTestId("aircraft");
    await legend.locator(".plan", { hasText: "plan certified" }).waitFor();
    // It climbs: 750 m above the sea are a hundred above its home.
    const height = () =>
      legend
        .locator("b", { hasText: "relief" })
        .textContent()
        .then((text) => Number(/([\d,]+) m/.exec(text ?? "")?.[1]?.replace(",", "")));
    await expect.poll(height, { timeout: 60_000 }).toBeGreaterThan(750);
    await page.getByRole("button", { name: "Flight", exact: true }).click();
    await page.screenshot({ path: `${IMAGES}/story-en.png` });
  });

  it("waits for the world, and takes what is done by hand", async () => {
    // Nobody presses anything: what the world does it does all the same.
    await now("acknowledge", "note", ALERT_MS);
    await guide().getByText("paused: by hand, or press Play").waitFor();
    // Somebody writes the note on the page.
    const text = "Camión de caja clara junto a la nave norte; avisar a la Unidad de frontera a las 05:30";
    await page.locator(".note-form textarea").fill(text);
    await page.locator(".note-form").getByRole("button", { name: "Write" }).click();
    await turn("translate");
    expect(await just()).toContain("05:30");
    await key("Do it now").click();
    await turn("match");
    expect(await just()).toMatch(/A machine \(.+\) made of it: “.*05:30.*” (\d+) of \1 names, numbers and times kept/);
    const done = await steps();
    const by = ["plan", "acknowledge", "note", "alert", "match"].map((id) => done[id]?.by);
    expect(by).toEqual(["story", "story", "hand", null, null]);
  });

  it("takes the page along in Spanish, through the network to a decision", async () => {
    await page.locator(".langs button[lang=es]").click();
    await guide().getByText("Un objetivo nombrado de antemano").waitFor();
    expect(await guide().getByLabel("Llevarme").isChecked()).toBe(true);
    await now("match", "network");
    expect(await just()).toContain("L. Ríos lo propuso, A. Soto lo confirmó: Camión de caja clara");
    await page.locator("main.network").waitFor();
    await now("network", "decide");
    expect(await just()).toMatch(/El vehículo visto \(.+\) estuvo en: .+ enlaza con Transportes Ejemplo/);
    await now("decide", "release");
    await page.locator(".decision .course li", { hasText: "Remitir a un socio" }).waitFor();
    await page.screenshot({ path: `${MORE_IMAGES}/story-decision-es.png` });
  });

  it("is released, fetched by the partner, acted on, and its outcome comes back", async () => {
    await now("release", "partner");
    expect(await just()).toMatch(/Redactado por L\. Ríos, aprobado por M\. Marín; \d+ cosas retiradas o enmascaradas/);
    await now("partner", "acting");
    await now("acting", "outcome");
    await page.locator(".release-one .course li", { hasText: "Control en la carretera" }).waitFor();
    await now("outcome", "audit");
    expect(await just()).toMatch(/El resultado está aquí, \d+ (s|min) después de sellarla/);
    await key("Reproducir").click();
    const partner = await open(PARTNER_URL ?? "", "es");
    await partner.getByRole("link", { name: "Comunicaciones" }).click();
    await partner.locator(".release", { hasText: "Descarga de bidones y metano" }).first().click();
    await partner.locator(".course li", { hasText: "12 bidones intervenidos" }).waitFor();
    await partner.screenshot({ path: `${MORE_IMAGES}/story-partner-es.png` });
    // The partner tells no story.
    expect(await partner.locator(".guide").count()).toBe(0);
  });

  it("ends with a record that nobody has altered", async () => {
    await turn("end");
    expect(await just()).toMatch(/\d+ actos aquí y \d+ en el socio: verificado, nada fue alterado/);
    await page.locator(".acts-table code", { hasText: /^flight\.start$/ }).first().waitFor();
    await page.screenshot({ path: `${IMAGES}/story-es.png` });
    expect(complaints).toEqual([]);
  });
});
