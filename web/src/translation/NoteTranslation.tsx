import { useState } from "react";
import { usePage } from "../context.ts";
import { fill, wordOf } from "../i18n.ts";
import { flagText, type Translation, translate } from "./api.ts";
import "./translation.css";

type Shown = { lang: string; answer?: Translation; failed?: string };

/** A button that shows a text in the reader's language beside the original, marked as a machine's. */
export function NoteTranslation({ text }: { text: string }) {
  const { lang, t } = usePage();
  const [shown, setShown] = useState<Shown | null>(null);
  // Whoever changes the page's language asks anew.
  const now = shown?.lang === lang ? shown : null;
  const ask = async () => {
    const asked: Shown = { lang };
    setShown(asked);
    let next: Shown;
    try {
      next = { lang, answer: await translate(text, lang) };
    } catch (e) {
      next = { lang, failed: e instanceof Error ? e.message : String(e) };
    }
    // Closed or asked anew meanwhile: this answer comes too late.
    setShown((s) => (s === asked ? next : s));
  };
  return (
    <>
      <button
        type="button"
        className="tr-button"
        aria-expanded={now !== null}
        onClick={() => (now ? setShown(null) : void ask())}
      >
        {now ? t.trClose : t.trAsk}
      </button>
      {now && (
        <div className="tr" role="status">
          {now.failed && <p className="tr-flag">{fill(t.trFailed, { why: now.failed })}</p>}
          {now.answer && <Sides text={text} answer={now.answer} />}
          {!now.failed && !now.answer && <p className="hint">{t.trWaiting}</p>}
        </div>
      )}
    </>
  );
}

function Sides({ text, answer }: { text: string; answer: Translation }) {
  const { t } = usePage();
  const flags = answer.flags.map((flag) => (
    <li key={flag} title={flag}>
      {flagText(t, flag)}
    </li>
  ));
  if (!answer.machine)
    return (
      <>
        <p className="hint">{t.trAlready}</p>
        <ul className="tr-flags">{flags}</ul>
      </>
    );
  return (
    <>
      <div className="tr-sides">
        <div>
          <small>
            {t.trOriginal} ({wordOf(t, "trLanguage", answer.from)})
          </small>
          <p lang={answer.from}>{text}</p>
        </div>
        <div className="tr-machine">
          <small>{fill(t.trBy, { engine: wordOf(t, "trEngine", answer.engine) })}</small>
          <p lang={answer.to}>{answer.text}</p>
        </div>
      </div>
      <small>{t.trNotChecked}</small>
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
