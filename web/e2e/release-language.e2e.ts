/** A release whose words were written in Spanish and go out in English, by machine, with a second person's word. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERT_MS, type Post, press, shot, start } from "./browser.ts";

const PARTNER = process.env.ATALAYA_PARTNER_URL;
let post: Post;

beforeAll(async () => {
  post = await start("Officer Ríos", 1600, 1000);
});

afterAll(async () => {
  await post?.browser.close();
});

describe.skipIf(!PARTNER)("a release in the other language", () => {
  it("shows its translation before it is drafted", async () => {
    const { page } = post;
    await press(page.getByRole("button", { name: "All", exact: true }));
    const alert = page.locator('.alert:not(.rejected)[data-key*="long-stay"]').first();
    await alert.waitFor({ timeout: ALERT_MS });
    const key = (await alert.getAttribute("data-key")) ?? "";
    const referred = await page.evaluate(async (key) => {
      const path = `/api/v1/alerts/${encodeURIComponent(key)}/decisions`;
      const { partners } = (await (await fetch(path)).json()) as { partners: string[] };
      const body = {
        assessment: "El camión descargó bidones en el patio a las 05:12.",
        options: ["continue"],
        choice: "refer_to_partner",
        reason: "La carretera es suya.",
        partner: partners[0],
      };
      const headers = { "content-type": "application/json", "x-atalaya-name": encodeURIComponent("Officer Ríos") };
      return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).status;
    }, key);
    expect(referred).toBe(200);
    await press(alert.locator(".alert-main"));
    await press(page.getByRole("button", { name: "Draft a release" }));
    const form = page.locator(".draft-release");
    await form.locator("input").first().fill("Camión con bidones en el patio");
    await form.locator("textarea").fill("El camión con matrícula 4821 KTR descargó bidones en el patio a las 05:12.");
    await form.getByLabel("Language of the report").selectOption("en");
    await press(form.getByLabel("Translate my words into it, by machine"));
    await press(form.getByRole("button", { name: "Look at the translation" }));
    const answer = form.locator(".tr");
    await answer.getByText(/Machine translation, /).waitFor({ timeout: 60_000 });
    expect(await answer.locator(".tr-pairs").textContent()).toContain("4821 KTR");
    await press(form.getByRole("button", { name: "Draft a release" }));
    await page.locator(".release-one .machine-mark").waitFor({ timeout: 60_000 });
  });

  it("says in record and report that a machine wrote it, with the originals, and waits for a second person", async () => {
    const { page } = post;
    await page.locator(".machine-mark").getByText(/MACHINE TRANSLATION from Spanish by /).waitFor();
    const report = page.frameLocator("iframe.report");
    await report.getByText(/A machine \(.+\) translated title, summary and assessment from Spanish/).waitFor();
    await report.getByText("El camión con matrícula 4821 KTR descargó bidones en el patio a las 05:12.").waitFor();
    expect(await report.locator(".sides .machine").first().textContent()).toContain("4821 KTR");
    await shot(page, "release-translated-en");
    await press(page.getByRole("button", { name: "Approve", exact: true }));
    await page.getByText("another person must").waitFor();
    await press(page.getByRole("button", { name: "Dismiss" }));
    await page.locator(".user input").fill("Chief Marín");
    await page.locator(".user input").blur();
    await press(page.locator(".langs button[lang=es]"));
    await page.locator(".machine-mark").getByText(/TRADUCCIÓN AUTOMÁTICA del español por /).waitFor();
    await shot(page, "release-translated-es");
    await press(page.getByRole("button", { name: "Aprobar", exact: true }));
    await page.locator(".release-one .st-approved").waitFor();
  });

  it("did not make the page complain", () => {
    expect(post.complaints).toEqual([]);
  });
});
