/**
 * A note and documents in the other language, what a person corrects, and that it is used again. With Apertium
 * where it is installed, else with the glossary alone, which the page says.
 */
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Post, press, shot, start } from "./browser.ts";

let post: Post;
const NOTE = "El camión con matrícula 4821 KTR entró en el patio a las 05:12 y salió por el norte.";
const REPORT = [
  "INFORME DE VIGILANCIA 14/2026",
  "",
  "El camión con matrícula 4821 KTR entró en el patio a las 05:12. Tres personas descargaron bidones durante once minutos.",
  "",
  "El vehículo salió por la carretera del norte hacia Villanueva. Nadie lo siguió.",
  "",
  "El martes volvió el mismo camión y estuvo en el patio hasta las 06:40. Los vecinos de la finca notaron un fuerte olor a disolvente.",
];
const SECOND = [
  "El camión con matrícula 7713 BCD entró en el patio a las 23:40.",
  "Tres personas descargaron cajas durante once minutos.",
];

/** A Word document of these paragraphs: a ZIP archive that stores its one part. */
function docx(paragraphs: string[]): Buffer {
  const body = paragraphs.map((p) => `<w:p><w:r><w:t>${p}</w:t></w:r></w:p>`).join("");
  const xml = Buffer.from(
    `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  );
  const name = Buffer.from("word/document.xml");
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(0x00210000, 6);
  common.writeUInt32LE(crc32(xml), 10);
  common.writeUInt32LE(xml.length, 14);
  common.writeUInt32LE(xml.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, xml]);
  const made = Buffer.alloc(2);
  made.writeUInt16LE(20);
  const central = Buffer.concat([Buffer.from("PK\x01\x02"), made, common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

const bring = (name: string, buffer: Buffer) =>
  post.page.locator(".doc-list label.main input").setInputFiles({ name, mimeType: "text/plain", buffer });
/** The translated side. */
const sentence = (text: RegExp | string) => post.page.locator(".tr-pairs .pair p:nth-child(2) .s", { hasText: text });

beforeAll(async () => {
  post = await start("Analyst Soto");
});

afterAll(async () => {
  await post?.browser.close();
});

describe("a note in Spanish", () => {
  it("is shown in English beside the original, marked as a machine's, with its values kept", async () => {
    const { page } = post;
    await page.locator(".note-form textarea").fill(NOTE);
    await press(page.locator(".note-form button"));
    const note = page.locator(".note", { hasText: "4821 KTR" }).first();
    await press(note.getByRole("button", { name: "Translate" }));
    const answer = note.locator(".tr");
    await answer.getByText("Original (Spanish)").waitFor({ timeout: 60_000 });
    await answer.getByText(/Machine translation, /).waitFor();
    await answer.getByText("A machine wrote this. The original holds.").waitFor();
    const said = (await answer.locator(".pair p:nth-child(2)").first().textContent()) ?? "";
    expect(said).toContain("4821 KTR");
    expect(said).toContain("05:12");
    expect(said).not.toBe(NOTE);
    await answer.locator(".tr-list", { hasText: "4821 KTR" }).waitFor();
    await shot(page, "note-en");
    await press(note.getByRole("button", { name: "Hide translation" }));
  });
});

describe("a document", () => {
  it("is shown paragraph by paragraph beside its translation, its language recognised", async () => {
    const { page } = post;
    await press(page.getByRole("link", { name: "Documents" }));
    await bring("informe.docx", docx(REPORT));
    await page.locator(".doc-one h2", { hasText: "informe.docx" }).waitFor({ timeout: 60_000 });
    await page.locator(".doc-rows li", { hasText: "informe.docx" }).getByText("Spanish").waitFor();
    await page.getByText(/MACHINE TRANSLATION by /).waitFor();
    expect(await page.locator(".tr-pairs .pair").count()).toBe(4);
    expect(await page.locator(".tr-pairs .pair p:nth-child(2) .s").count()).toBe(7);
    await sentence("4821 KTR").first().waitFor();
  });

  it("is corrected where it stands, and what loses a plate is refused", async () => {
    const { page } = post;
    await press(sentence("4821 KTR").first());
    const editor = page.locator(".tr-editor");
    await editor.getByLabel("How it should read").fill("The truck came into the yard at 05:12.");
    await press(editor.getByRole("button", { name: "Keep the correction" }));
    await editor.getByText("lacks '4821 KTR'").waitFor();
    await editor
      .getByLabel("How it should read")
      .fill("At 05:12 the truck with plate 4821 KTR drove into the yard.");
    await press(editor.getByRole("button", { name: "Keep the correction" }));
    const mine = page.locator(".s.person", { hasText: "drove into the yard" });
    await mine.waitFor();
    expect(await mine.getAttribute("title")).toBe("Corrected by Analyst Soto");
    await page.locator('[data-testid="mem-held"]', { hasText: /^1$/ }).waitFor();
    await press(sentence(/eleven|once|bidones|drums/).first());
    await editor.getByLabel("How it should read").fill("Three people unloaded drums for eleven minutes.");
    await press(editor.getByRole("button", { name: "Keep the correction" }));
    await page.locator(".s.person", { hasText: "unloaded drums" }).waitFor();
    await shot(page, "documents-en");
  });

  it("teaches the next one: the same sentence with another plate, and a similar one with its share", async () => {
    const { page } = post;
    await bring("segundo.txt", Buffer.from(SECOND.join("\n\n")));
    await page.locator(".doc-one h2", { hasText: "segundo.txt" }).waitFor();
    const like = page.locator(".s.person", {
      hasText: "At 23:40 the truck with plate 7713 BCD drove into the yard.",
    });
    await like.waitFor();
    await press(like);
    await page.locator(".tr-editor").getByText("As Analyst Soto corrected it").waitFor();
    await press(page.locator(".tr-editor").getByRole("button", { name: "Cancel" }));
    await press(page.locator(".tr-pairs .pair p:nth-child(2) .s").nth(1));
    await press(page.locator(".tr-suggestion", { hasText: "86 %" }).getByRole("button"));
    expect(await page.getByLabel("How it should read").inputValue()).toBe(
      "Three people unloaded drums for eleven minutes.",
    );
    await press(page.locator(".tr-editor").getByRole("button", { name: "Cancel" }));
  });

  it("goes out side by side and as TMX, and the memory with it", async () => {
    const { page } = post;
    for (const [name, words] of [
      ["Side by side (txt)", "MACHINE TRANSLATION"],
      ["TMX", "machine: "],
      ["Export all (TMX)", "drove into the yard"],
    ]) {
      const waiting = page.waitForEvent("download");
      await press(page.getByRole("link", { name, exact: true }));
      expect(readFileSync((await (await waiting).path()) ?? "", "utf8")).toContain(words);
    }
  });

  it("and a TMX of others comes in as one file, and goes as one", async () => {
    const { page } = post;
    const tmx =
      '<tmx version="1.4"><header srclang="es"/><body><tu creationid="ana"><tuv xml:lang="es"><seg>Nadie lo vio.</seg></tuv><tuv xml:lang="en"><seg>Nobody saw it.</seg></tuv></tu></body></tmx>';
    await page
      .locator(".mem input[type=file]")
      .setInputFiles({ name: "socio.tmx", mimeType: "text/xml", buffer: Buffer.from(tmx) });
    await page.locator(".mem").getByText("Taken: 1").waitFor();
    const file = page.locator(".mem-list li", { hasText: "socio.tmx" });
    await press(file.getByRole("button", { name: "Take back" }));
    await page.locator(".mem-list li.undone", { hasText: "socio.tmx" }).waitFor();
  });

  it("and all of it in Spanish", async () => {
    const { page } = post;
    await press(page.locator(".langs button[lang=es]"));
    await press(page.locator(".doc-rows a", { hasText: "informe.docx" }));
    await page.locator(".doc-one h2", { hasText: "informe.docx" }).waitFor();
    await page.getByText(/TRADUCCIÓN AUTOMÁTICA de /).waitFor();
    await press(page.locator(".s.person", { hasText: "drove into the yard" }));
    await page.locator(".tr-editor").getByText("Corregido por Analyst Soto").waitFor();
    await shot(page, "documents-es");
    // Taken back, the machine has its say again.
    await press(page.locator(".tr-editor").getByRole("button", { name: "Retirar la corrección" }));
    await page.locator(".s.person", { hasText: "drove into the yard" }).waitFor({ state: "detached" });
  });

  it("did not make the page complain", () => {
    expect(post.complaints).toEqual([]);
  });
});
