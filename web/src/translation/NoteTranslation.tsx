import { useState } from "react";
import { usePage } from "../context.ts";
import { fill, wordOf } from "../i18n.ts";
import { engineText, flagText, type Translation, translate } from "./api.ts";
import { Sides } from "./Sides.tsx";
import "./translation.css";

type Shown = { lang: string; answer?: Translation; failed?: string };

/** A button that shows a text in the reader's language beside the original, marked as a machine's. */
export function NoteTranslation({ text }: { text: string }) {
  const { lang, t } = usePage();
  const [shown, setShown] = useState<Shown | null>(null);
  // Whoever changes the page's language asks anew.
  const now = shown?.lang === lang ? shown : null;
  const ask = async (from: Shown) => {
    let next: Shown;
    try {
      next = { lang, answer: await translate(text, lang) };
    } catch (e) {
      next = { lang, failed: e instanceof Error ? e.message : String(e) };
    }
    // Closed or asked anew meanwhile: this answer comes too late.
    setShown((s) => (s === from ? next : s));
  };
  const begin = () => {
    const asked: Shown = { lang };
    setShown(asked);
    void ask(asked);
  };
  return (
    <>
      <button
        type="button"
        className="tr-button"
        aria-expanded={now !== null}
        onClick={() => (now ? setShown(null) : begin())}
      >
        {now ? t.trClose : t.trAsk}
      </button>
      {now && (
        <div className="tr" role="status">
          {now.failed && <p className="tr-flag">{fill(t.trFailed, { why: now.failed })}</p>}
          {now.answer && <Answer answer={now.answer} changed={() => ask(now)} />}
          {!now.failed && !now.answer && <p className="hint">{t.trWaiting}</p>}
        </div>
      )}
    </>
  );
}

/** A translation with what is known of it. */
export function Answer({ answer, changed }: { answer: Translation; changed: () => Promise<unknown> }) {
  const { t } = usePage();
  const flags = answer.flags.map((flag) => (
    <li key={flag} title={flag}>
      {flagText(t, flag)}
    </li>
  ));
  if (answer.lines.length === 0)
    return (
      <>
        <p className="hint">{t.trAlready}</p>
        <ul className="tr-flags">{flags}</ul>
      </>
    );
  return (
    <>
      <div className="tr-heads">
        <small>
          {t.trOriginal} ({wordOf(t, "trLanguage", answer.from)})
        </small>
        <small className={answer.machine ? "tr-machine" : "tr-person"}>
          {answer.machine ? fill(t.trBy, { engine: engineText(t, answer.engine) }) : t.trByPeople}
        </small>
      </div>
      <Sides paragraphs={answer.lines} from={answer.from} to={answer.to} changed={changed} />
      {answer.machine && <small>{t.trNotChecked}</small>}
      {flags.length > 0 && (
        <>
          <h4>{t.trLook}</h4>
          <ul className="tr-flags">{flags}</ul>
        </>
      )}
      <Pairs title={t.trKept} items={answer.kept.filter((k) => k.kept).map((k) => k.text)} />
      <Pairs title={t.trTerms} items={answer.terms.map((p) => `${p.term} → ${p.used}`)} />
    </>
  );
}

function Pairs({ title, items }: { title: string; items: string[] }) {
  if (items.length === 0) return null;
  return (
    <small className="tr-list">
      {title}: {[...new Set(items)].join(" · ")}
    </small>
  );
}
