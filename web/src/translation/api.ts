/** Translations, as the server speaks of them (/api/openapi.json). */
import { call } from "../api.ts";
import { type Lang, type Words, wordOf } from "../i18n.ts";

export interface Translation {
  from: Lang;
  to: Lang;
  text: string;
  /** Its name, or `glossary only`. */
  engine: string;
  /** Each `word: explanation`. */
  flags: string[];
  kept: { text: string; kept: boolean }[];
  terms: { term: string; used: string }[];
  /** False: nothing was translated. */
  machine: boolean;
}

export const translate = (text: string, to: Lang) => call<Translation>("translations", { text, to });

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
