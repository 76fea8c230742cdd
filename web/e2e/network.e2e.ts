/** The network: what was seen, its evidence, what people bring and judge, over time, in both languages. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NetworkAnswer } from "../src/network/api.ts";
import { ALERT_MS, type Post, press, shot, start } from "./browser.ts";

let post: Post;
const SOON = { timeout: 60_000 };
/** Made-up companies and names. */
const list = (yard: string) =>
  [
    "source,target,kind,source_kind,target_kind,time",
    `Transportes Sierra Blanca S.L.,${yard},rents,organisation,place,`,
    "Transportes Sierra Blanca S.L.,Almacenes del Norte S.A.,supplies,organisation,organisation,",
    "Almacenes del Norte S.A.,Nave 3 Polígono Sur,rents,organisation,place,",
    "Transportes Sierra Blanca S.L.,María López Ruiz,employs,organisation,person,",
  ].join("\n");
const ENTITIES = [
  { id: "q1", schema: "Company", properties: { name: ["Sierra Blanca Transportes, S.L."] } },
  { id: "q2", schema: "Company", properties: { name: ["Químicas del Ebro S.A."] } },
  { id: "q3", schema: "Person", properties: { name: ["Juan Pérez García"] } },
  { id: "l1", schema: "Ownership", properties: { owner: ["q2"], asset: ["q1"] } },
  { id: "l2", schema: "Directorship", properties: { director: ["q3"], organization: ["q2"] } },
];

const answer = async (): Promise<NetworkAnswer> =>
  (await (await post.page.request.get(`${new URL(post.page.url()).origin}/api/v1/network`)).json()) as NetworkAnswer;

const bring = (name: string, text: string) =>
  post.page
    .locator(".imports input[type=file]")
    .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

beforeAll(async () => {
  post = await start("Analyst Soto", 1600, 1000);
});

afterAll(async () => {
  await post?.browser.close();
});

describe("the network that grew", () => {
  it("is drawn: vehicles, places, and lines between them", async () => {
    const { page } = post;
    await press(page.getByRole("link", { name: "Network" }));
    await page.locator(".net .link.kind-visit").first().waitFor({ timeout: ALERT_MS });
    expect(await page.locator(".net .node.vehicle").count()).toBeGreaterThan(0);
    expect(await page.locator(".net .node.place").count()).toBeGreaterThan(0);
    await page.locator(".leading li").first().waitFor();
  });

  it("leads from a line to the pictures it rests on", async () => {
    const { page } = post;
    await page.locator(".net .link.kind-visit path.wide").first().dispatchEvent("click");
    await page.locator(".selection").getByText("times seen").waitFor();
    const image = page.locator(".sightings img").first();
    await image.waitFor({ timeout: 60_000 });
    await expect
      .poll(() => image.evaluate((i: HTMLImageElement) => i.naturalWidth), { timeout: 60_000 })
      .toBeGreaterThan(100);
  });

  it("shows less of it before more was seen", async () => {
    const { page } = post;
    const slider = page.locator(".net-tools input[type=range]");
    const links = page.locator(".net .link");
    // There is nothing to slide through before a second moment was seen.
    await slider.waitFor({ timeout: ALERT_MS });
    const all = await links.count();
    await slider.fill("0");
    await expect.poll(() => links.count(), SOON).toBeLessThanOrEqual(all);
    await page.locator(".net-tools output", { hasText: /^\d{4}-/ }).waitFor();
    await slider.fill("1000");
    await expect.poll(() => links.count(), SOON).toBeGreaterThanOrEqual(all);
  });

  it("hides kinds of lines", async () => {
    const { page } = post;
    await press(page.locator(".net-tools .kind-visit input"));
    await expect.poll(() => page.locator(".net .link.kind-visit").count(), SOON).toBe(0);
    await press(page.locator(".net-tools .kind-visit input"));
    await page.locator(".net .link.kind-visit").first().waitFor({ state: "attached" });
  });
});

describe("what people bring", () => {
  it("stands beside what was seen, with its file and author, and without unnamed persons", async () => {
    const { page } = post;
    const yard = (await answer()).network.nodes.find((n) => n.kind === "place" && n.imports.length === 0);
    await bring("registro.csv", list(yard?.id ?? ""));
    await page.locator(".imports li", { hasText: "registro.csv" }).getByText("as the authority does not name them: 1").waitFor();
    await bring("empresas.ftm.json", ENTITIES.map((e) => JSON.stringify(e)).join("\n"));
    await page.locator(".imports li", { hasText: "empresas" }).getByText("as the authority does not name them: 1").waitFor();
    const firm = page.locator(".net").getByRole("button", { name: "Transportes Sierra Blanca S.L.", exact: true });
    await firm.waitFor();
    await firm.dispatchEvent("click");
    const said = page.locator(".selection .net-source");
    await said.getByText("registro.csv").waitFor();
    expect(await said.textContent()).toContain("Analyst Soto");
    const all = JSON.stringify(await answer());
    expect(all).not.toContain("Pérez");
    expect(all).not.toContain("López");
    // Seen and said are joined at the place that both know, and the line says whose word it is.
    const rents = (await answer()).network.links.find((l) => l.kind === "rents" && l.import === 1);
    expect(rents).toBeDefined();
    await page.locator(".net .link.kind-imported path.wide").first().dispatchEvent("click");
    await page.locator(".selection").getByText("times said").waitFor();
    await firm.dispatchEvent("click");
    await shot(page, "network-en");
  });

  it("is compared by name, and only a person makes two one", async () => {
    const { page } = post;
    const names = page.locator(".names li", { hasText: "Sierra Blanca" });
    await names.waitFor();
    // What was seen grows meanwhile: only what was brought is counted.
    const brought = async () => (await answer()).network.nodes.filter((n) => n.id.startsWith("import/")).length;
    const before = await brought();
    await press(names.getByRole("button", { name: "Same" }));
    const judged = page.locator("ul.judgements li", { hasText: "names compared" });
    await judged.first().waitFor();
    await expect.poll(brought, SOON).toBe(before - 1);
    await press(judged.first().getByRole("button", { name: "Take back" }));
    await expect.poll(brought, SOON).toBe(before);
    await press(names.getByRole("button", { name: "Undecided" }));
    await page.locator(".names li", { hasText: "Sierra Blanca" }).waitFor({ state: "detached" });
  });

  it("is judged two at a time", async () => {
    const { page } = post;
    const at = (name: string) => page.locator(".net").getByRole("button", { name, exact: true });
    await at("Químicas del Ebro S.A.").dispatchEvent("click");
    await at("Almacenes del Norte S.A.").dispatchEvent("click", { shiftKey: true });
    await page.getByLabel("Why").fill("Different tax numbers");
    await press(page.locator(".judge").getByRole("button", { name: "Distinct" }));
    await page.locator("ul.judgements li", { hasText: "Different tax numbers" }).waitFor();
  });

  it("goes out for other programs", async () => {
    const { page } = post;
    for (const [name, words] of [
      ["GraphML", "<graphml"],
      ["FollowTheMoney", '"schema":"Organization"'],
      ["CSV", "source,target,weight"],
    ]) {
      const waiting = page.waitForEvent("download");
      await press(page.locator(".net-files").getByRole("link", { name, exact: true }));
      const text = readFileSync((await (await waiting).path()) ?? "", "utf8");
      expect(text).toContain(words);
      expect(text).toContain("Sierra Blanca");
      expect(text).toContain("visit");
      expect(text).not.toContain("Pérez");
    }
  });

  it("and all of it in Spanish, until it is taken back", async () => {
    const { page } = post;
    await press(page.locator(".langs button[lang=es]"));
    await page.locator(".imports li", { hasText: "registro.csv" }).getByText("la autorización no las nombra: 1").waitFor();
    await page.locator(".net .link.kind-visit path.wide").first().dispatchEvent("click");
    await page.locator(".selection").getByText("veces visto").waitFor();
    await shot(page, "network-es");
    for (const name of ["registro.csv", "empresas"]) {
      await press(page.locator(".imports li", { hasText: name }).getByRole("button", { name: "Retirar" }));
      await page.locator(".imports li.undone", { hasText: name }).waitFor();
    }
    // Others may have brought files of their own.
    const forgotten = async () => {
      const { imports, network } = await answer();
      const gone = imports.filter((i) => i.undone).map((i) => i.n);
      return network.nodes.every((n) => !n.imports.some((i) => gone.includes(i)));
    };
    await expect.poll(forgotten, SOON).toBe(true);
  });

  it("did not make the page complain", () => {
    expect(post.complaints).toEqual([]);
  });
});
