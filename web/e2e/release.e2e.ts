/**
 * From a decision to a partner's outcome, between two instances in one browser: the demonstration, and
 * a partner's server (`ATALAYA_PARTNER_URL`). Pictures go to out/e2e.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "./browser.ts";

const URL = process.env.ATALAYA_URL ?? "http://127.0.0.1:8080/";
const PARTNER_URL = process.env.ATALAYA_PARTNER_URL;
const IMAGES = resolve(process.env.ATALAYA_RELEASE_IMAGES ?? "../out/e2e/images");
/** The first alert of the demonstration comes within this time. */
const ALERT_MS = 150_000;

let browser: Browser;
let ours: Page;
let theirs: Page;
let link = "";
const complaints: string[] = [];

async function open(url: string, locale: string, lang: string, name: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, locale });
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("console", (m) => {
    // A still that is not there, and what is refused on purpose, are no faults of the page.
    if (m.type() === "error" && !m.text().includes("Failed to load resource")) complaints.push(m.text());
  });
  await page.goto(url);
  await page.locator(`.langs button[lang=${lang}]`).click();
  await call(page, name);
  return page;
}

/** Somebody else sits down. */
async function call(page: Page, name: string): Promise<void> {
  await page.locator(".user input").fill(name);
  await page.locator(".user input").blur();
}

const shot = (page: Page, name: string) => page.screenshot({ path: `${IMAGES}/${name}.png` });

beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  browser = await launch();
  ours = await open(URL, "en-GB", "en", "Officer Ríos");
  if (PARTNER_URL) theirs = await open(PARTNER_URL, "es-ES", "es", "Inspectora Vidal");
});

afterAll(async () => {
  await browser?.close();
});

describe.skipIf(!PARTNER_URL)("a release", () => {
  it("begins with a match that another person confirms, and a decision", async () => {
    // A delivery and an emission in one alert, which nobody has rejected.
    const first = ours.locator('.alert:not(.rejected)[data-key*="delivery-and-gas"] .alert-main').first();
    await ours.getByRole("button", { name: "All", exact: true }).click();
    await first.waitFor({ timeout: ALERT_MS });
    await first.click();
    // Entry can't be chosen before.
    await ours.getByRole("button", { name: "Decide" }).click();
    expect(await ours.locator("input[value=recommend_entry]").isDisabled()).toBe(true);
    await ours.locator(".desk-form").getByRole("button", { name: "Cancel" }).click();

    await ours.getByRole("button", { name: "Propose a match" }).click();
    await ours.locator(".desk-form input").fill("Box body and roof rack as in the order");
    await ours.locator(".desk-form").getByRole("button", { name: "Propose a match" }).click();
    const match = ours.locator(".match");
    await match.locator("input").fill("Looks right to me too");
    await match.getByRole("button", { name: "Confirm" }).click();
    await ours.getByText("another person must look").waitFor();
    await ours.getByRole("button", { name: "Dismiss" }).click();
    await call(ours, "Analyst Soto");
    await match.getByRole("button", { name: "Confirm" }).click();
    await ours.locator(".match.confirmed").waitFor();

    await call(ours, "Officer Ríos");
    await ours.getByRole("button", { name: "Decide" }).click();
    expect(await ours.locator("input[value=recommend_entry]").isDisabled()).toBe(false);
    await ours.getByLabel("Assessment").fill("A vehicle stayed in the yard; people carried drums.");
    await ours.locator("input[value=refer_to_partner]").check();
    await ours.getByLabel("Considered: Continue watching").check();
    await ours.getByLabel("Why", { exact: true }).fill("The road is theirs to control.");
    await shot(ours, "decide-en");
    await ours.getByRole("button", { name: "Record the decision" }).click();
    await ours.locator(".decision .course li", { hasText: "Refer to a partner" }).waitFor();
  });

  it("is drafted by one person and approved by another", async () => {
    await ours.getByRole("button", { name: "Draft a release" }).click();
    await ours.locator(".draft-release input").first().fill("Descarga de bidones en el patio");
    await ours
      .locator(".draft-release textarea")
      .fill("Un vehículo permaneció en el patio y varias personas descargaron bidones.");
    await ours.getByLabel("Language of the report").selectOption("es");
    await ours.locator(".draft-release button.main").click();
    await ours.locator(".release-one h2", { hasText: "Descarga de bidones" }).waitFor();
    expect(ours.url()).toContain("#/releases/");
    await ours.frameLocator("iframe.report").locator("h1", { hasText: "Descarga" }).waitFor();
    await shot(ours, "draft-en");
    await ours.getByRole("button", { name: "Approve", exact: true }).click();
    await ours.getByText("another person must").waitFor();
    await ours.getByRole("button", { name: "Dismiss" }).click();
    await call(ours, "Chief Marín");
    await ours.getByRole("button", { name: "Approve", exact: true }).click();
    await ours.locator(".release-one .st-approved").waitFor();
  });

  it("is sealed, and its link shown once", async () => {
    await call(ours, "Liaison Prado");
    await ours.getByRole("button", { name: "Seal, with a one-time link" }).click();
    link = (await ours.locator(".one-time code").textContent()) ?? "";
    expect(link).toContain("/portal/");
    await ours.locator(".release-one .st-sealed").waitFor();
    await shot(ours, "sealed-en");
    const portal = await browser.newPage({ locale: "es-ES", viewport: { width: 900, height: 700 } });
    await portal.goto(link);
    await portal.getByText("Aquí espera una comunicación sellada.").waitFor();
    await shot(portal, "portal-es");
    await portal.close();
  });

  it("is fetched by the partner, answered, and its outcome comes back", async () => {
    await theirs.getByRole("link", { name: "Comunicaciones" }).click();
    await theirs.locator(".take-in input").first().fill(link);
    await theirs.getByRole("button", { name: "Obtener" }).click();
    await theirs.locator(".release-one h2", { hasText: "Descarga de bidones" }).waitFor();
    await theirs.frameLocator("iframe.report").locator("h1", { hasText: "Descarga" }).waitFor();
    await theirs.getByRole("button", { name: "Acusar recibo" }).click();
    await theirs.getByRole("button", { name: "Aceptar", exact: true }).click();
    await theirs.locator(".release-one form input").fill("Nos hacemos cargo");
    await theirs.getByRole("button", { name: "Enviar" }).click();
    await theirs.getByRole("button", { name: "Estamos actuando" }).click();
    await theirs.locator(".release-one form input").fill("Control en la carretera");
    await theirs.getByRole("button", { name: "Enviar" }).click();
    await theirs.locator(".course li", { hasText: "actuando" }).waitFor();
    await theirs.getByRole("button", { name: "Comunicar resultado" }).click();
    await theirs.locator(".release-one form input").fill("Vehículo parado; 12 bidones intervenidos");
    await theirs.getByRole("button", { name: "Enviar" }).click();
    await theirs.locator(".course li", { hasText: "12 bidones" }).waitFor();
    await shot(theirs, "partner-es");

    await ours.locator(".course li", { hasText: "12 bidones intervenidos" }).waitFor();
    const outcome = ours.locator('.side-card[aria-label="Sent"] [data-station=outcome]');
    expect(await outcome.getAttribute("class")).toBe("reached");
    await shot(ours, "board-en");
    // The link is used up.
    const again = await theirs.request.post(link, { data: {} });
    expect(again.status()).toBe(404);
  });

  it("is in the log of acts, which is whole", async () => {
    await ours.getByRole("link", { name: "Acts" }).click();
    for (const act of ["alert.decide", "match.confirm", "release.approve", "release.seal", "release.fetch", "release.outcome"]) {
      await ours.locator(".acts-table code", { hasText: new RegExp(`^${act}$`) }).first().waitFor();
    }
    await ours.getByRole("button", { name: "Verify now" }).click();
    await ours.locator(".verdict.good").waitFor();
    await shot(ours, "acts-en");
    await ours.locator(".langs button[lang=es]").click();
    await ours.getByRole("link", { name: "Comunicaciones" }).click();
    await ours.locator(".release", { hasText: "Descarga de bidones en el patio" }).click();
    await ours.frameLocator("iframe.report").locator("h1", { hasText: "Descarga" }).waitFor();
    await shot(ours, "board-es");
    await theirs.getByRole("link", { name: "Actos" }).click();
    await theirs.getByRole("button", { name: "Verificar ahora" }).click();
    await theirs.locator(".verdict.good").waitFor();
  });

  it("is taken back, and the partner's copy with it", async () => {
    await ours.getByRole("button", { name: "Retirar" }).click();
    await ours.locator(".release-one form input").fill("Vehículo equivocado");
    await ours.getByRole("button", { name: "Enviar" }).click();
    await ours.locator(".release-one .st-recalled").waitFor();
    await theirs.getByRole("link", { name: "Comunicaciones" }).click();
    await theirs.locator(".release", { hasText: "Descarga de bidones en el patio" }).click();
    await theirs.getByRole("button", { name: "Pedir novedades" }).click();
    await theirs.locator(".release-one .st-recalled").waitFor();
    expect(await theirs.locator("iframe.report").count()).toBe(0);
    await ours.locator(".course li", { hasText: "contenido eliminado" }).waitFor();
    await shot(ours, "recalled-es");
  });

  it("did not make the pages complain", () => {
    expect(complaints).toEqual([]);
  });
});
