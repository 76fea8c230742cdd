/** Watch rules: a fault at its word, a backtest of what was recorded, arming; visits; in both languages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERT_MS, type Post, press, shot, start } from "./browser.ts";

let post: Post;

beforeAll(async () => {
  post = await start("Officer Ríos");
});

afterAll(async () => {
  await post?.browser.close();
});

const HEAD = 'schema = "watch/1"\nsite = "compound"\n\n';
const RULE = `[[rule]]
id = "vehicle-comes"
on = ["enter", "appeared"]
where = "vehicle && p > 0.1"
severity = "warning"
escalate_after_s = 300
`;

describe("watch rules", () => {
  it("are pointed at where they are wrong, tried, and armed", async () => {
    const { page } = post;
    // Something must have been recorded to try them on.
    await page.locator(".zone-rows .visit").first().waitFor({ timeout: ALERT_MS });
    await press(page.getByRole("link", { name: "Watch rules" }));
    const field = page.getByRole("textbox", { name: "Watch document, TOML" });
    await expect.poll(() => field.inputValue()).toContain('schema = "watch/1"');
    // The post of the demonstration arms a document of its own at its start.
    await page.getByTestId("armed").getByText(/Armed: version 1, rules: 2, by/).waitFor();
    await page.getByTestId("check").getByText("No fault").waitFor();

    await field.fill(HEAD + RULE.replace("vehicle &&", "vehicel &&"));
    const faults = page.getByTestId("faults");
    await faults.getByText("where: unknown field 'vehicel'; did you mean 'vehicle'?").waitFor();
    expect(await page.locator(".editor mark").allTextContents()).toEqual(["vehicel"]);
    const backtest = page.getByRole("button", { name: "Backtest" });
    expect(await backtest.isDisabled()).toBe(true);
    // A click on the place selects the word.
    await press(faults.getByRole("button", { name: "line 7, column 10" }));
    const selected = () =>
      field.evaluate((f: HTMLTextAreaElement) => f.value.slice(f.selectionStart, f.selectionEnd));
    expect(await selected()).toBe("vehicel");

    await field.fill(HEAD + RULE);
    await page.getByTestId("check").getByText("No fault. Rules: 1").waitFor();
    await press(backtest);
    const trial = page.getByTestId("trial");
    await trial.locator(".trial-alerts li").first().waitFor();
    const raised = Number(await trial.locator(".trial-name .big").textContent());
    expect(raised).toBeGreaterThan(0);
    expect(await trial.locator(".trial-alerts li").count()).toBe(Math.min(raised, 30));
    await shot(page, "rules-en");

    page.once("dialog", (d) => void d.accept());
    await press(page.getByRole("button", { name: "Arm", exact: true }));
    await page.getByTestId("armed").getByText(/Armed: version 2, rules: 1, by/).waitFor();
    expect(await page.getByRole("button", { name: "Arm", exact: true }).isDisabled()).toBe(true);
  });

  it("are said in Spanish, too", async () => {
    const { page } = post;
    await press(page.locator(".langs button[lang=es]"));
    await page.getByTestId("armed").getByText(/Activo: versión 2, reglas: 1, por/).waitFor();
    await shot(page, "rules-es");
    await press(page.locator(".langs button[lang=en]"));
    expect(post.complaints).toEqual([]);
  });
});
