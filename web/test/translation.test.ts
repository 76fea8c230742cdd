import { afterEach, expect, test, vi } from "vitest";
import { dictionaries, wordOf } from "../src/i18n.ts";
import { engineText, flagText, papers, translate } from "../src/translation/api.ts";

afterEach(() => vi.unstubAllGlobals());

test("flags are said in the reader's language, with what they are about", () => {
  const { en, es } = dictionaries;
  expect(flagText(es, "unknown word: camioneta")).toBe("Palabra desconocida, se dejó como estaba: camioneta");
  expect(flagText(en, "missing: '4821 KTR' had no place in the translation; put at its end")).toBe(
    "Had no place in the translation; put at its end: 4821 KTR",
  );
  expect(flagText(es, "glossary only: no engine translated this (none is set up)")).toContain("No hay motor");
  for (const flag of ["something: else", "nothing at all"]) expect(flagText(es, flag)).toBe(flag);
  for (const kind of [
    "already",
    "assumed",
    "language",
    "pieces",
    "missing",
    "untranslated",
    "unknown word",
    "capitals",
    "negation",
    "glossary only",
  ])
    expect(wordOf(es, "trFlag", kind), kind).not.toBe(kind);
  expect(wordOf(es, "trEngine", "glossary only")).toBe("solo glosario");
  expect(wordOf(es, "trEngine", "apertium")).toBe("apertium");
});

test("a text is sent with the page's language, and a refusal is its one line", async () => {
  const asked: { url: string; body: unknown }[] = [];
  let answer = new Response(JSON.stringify({ text: "The truck", machine: true }), { status: 200 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push({ url, body: JSON.parse(String(init.body)) });
    return answer;
  });
  expect((await translate("El camión", "en")).text).toBe("The truck");
  expect(asked).toEqual([{ url: "/api/v1/translations", body: { text: "El camión", to: "en" } }]);
  answer = new Response(JSON.stringify({ error: "the text has 2001 characters" }), { status: 400 });
  await expect(translate("a", "en")).rejects.toThrow("the text has 2001 characters");
});

test("whose work it is is said in the reader's language", () => {
  expect(engineText(dictionaries.es, "apertium+memory")).toBe("apertium + correcciones de personas");
  expect(engineText(dictionaries.en, "glossary only")).toBe("glossary only");
});

test("a document is sent as it is, under its name", async () => {
  const asked: { url: string; type: string | undefined; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    asked.push({ url, type: headers["content-type"], body: init.body });
    return new Response(JSON.stringify({ n: 4 }), { status: 200 });
  });
  const file = new File(["El camión"], "informe nº 1.txt");
  expect((await papers.add(file, "es")).n).toBe(4);
  expect(asked).toEqual([
    {
      url: "/api/v1/documents?name=informe%20n%C2%BA%201.txt&from=es",
      type: "application/octet-stream",
      body: file,
    },
  ]);
});
