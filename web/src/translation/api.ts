/** Translations, documents and the translation memory, as the server speaks of them (/api/openapi.json). */
import { type Author, call } from "../api.ts";
import { type Lang, type Words, wordOf } from "../i18n.ts";

export interface Sentence {
  before: string;
  source: string;
  target: string;
  /** An engine's name, `glossary only`, `memory`, or two of them joined by `+`. */
  engine: string;
  machine: boolean;
  /** Each `word: explanation`. */
  flags: string[];
  kept: { text: string; kept: boolean }[];
  terms: { term: string; used: string }[];
  suggestions: { score: number; source: string; target: string }[];
  correction: { n: number | null; author: string; exact: boolean } | null;
}

export interface Paragraph {
  sentences: Sentence[];
}

export interface Translation {
  from: Lang;
  to: Lang;
  text: string;
  engine: string;
  flags: string[];
  kept: { text: string; kept: boolean }[];
  terms: { term: string; used: string }[];
  /** False: nothing was translated, or people's corrections stand throughout. */
  machine: boolean;
  lines: Paragraph[];
}

export interface DocumentRow {
  n: number;
  name: string;
  kind: "text" | "word" | "pdf";
  sha256: string;
  lang: Lang;
  by: Author;
  at_us: number;
}

export interface DocumentView {
  document: DocumentRow;
  to: Lang;
  engine: string;
  words: number;
  sentences: number;
  flagged: number;
  corrected: number;
  paragraphs: Paragraph[];
}

export interface Correction {
  n: number;
  lang: Lang;
  source: string;
  target: string;
  origin: string;
  by: Author;
  at_us: number;
  undone: boolean;
}

export interface MemoryView {
  held: number;
  corrections: Correction[];
  files: { n: number; name: string; sha256: string; taken: number; by: Author; at_us: number; undone: boolean }[];
}

export interface TmxTaken {
  n: number;
  taken: number;
  known: number;
  refused: number;
  first_refused: string | null;
  machine: number;
  others: number;
}

const q = encodeURIComponent;

export const translate = (text: string, to: Lang) => call<Translation>("translations", { text, to });

export const papers = {
  all: () => call<DocumentRow[]>("documents"),
  add: (file: File, from: Lang | null) =>
    call<DocumentRow>(`documents?name=${q(file.name)}${from ? `&from=${from}` : ""}`, file),
  one: (n: number) => call<DocumentView>(`documents/${n}`),
  remove: (n: number) => call<DocumentRow[]>(`documents/${n}/remove`, {}),
  exportUrl: (n: number, format: "txt" | "tmx") => `/api/v1/documents/${n}/export?format=${format}`,
};

export const memory = {
  view: () => call<MemoryView>("memory"),
  correct: (lang: Lang, source: string, target: string, document?: number) =>
    call<{ n: number }>("memory", { lang, source, target, ...(document === undefined ? {} : { document }) }),
  undo: (n: number) => call<MemoryView>(`memory/${n}/undo`, {}),
  undoFile: (n: number) => call<MemoryView>(`memory/files/${n}/undo`, {}),
  take: (file: File) => call<TmxTaken>(`memory/import?name=${q(file.name)}`, file),
  exportUrl: "/api/v1/memory/export",
};

/** Whose work a translation is, in the reader's language: `apertium+memory`. */
export function engineText(words: Words, engine: string): string {
  return engine
    .split("+")
    .map((e) => wordOf(words, "trEngine", e))
    .join(" + ");
}

/** A flag in the reader's language, with what it is about where it names that. */
export function flagText(words: Words, flag: string): string {
  const at = flag.indexOf(": ");
  if (at < 0) return flag;
  const [kind, rest] = [flag.slice(0, at), flag.slice(at + 2)];
  const said = wordOf(words, "trFlag", kind);
  if (said === kind) return flag;
  if (kind === "unknown word") return `${said}: ${rest}`;
  const named = /'(.*)'/.exec(rest)?.[1];
  return kind === "missing" && named ? `${said}: ${named}` : said;
}
