import { useState } from "react";
import { usePage } from "../context.ts";
import { fill, type Lang } from "../i18n.ts";
import { engineText, flagText, memory, type Paragraph, type Sentence } from "./api.ts";
import "./translation.css";

/** Whose work a sentence is, and whether somebody should look at it. */
function stateOf(s: Sentence): "look" | "person" | "machine" | "same" {
  if (s.flags.length > 0) return "look";
  if (s.correction && !s.machine) return "person";
  return s.engine === "none" || s.source === s.target ? "same" : "machine";
}

/**
 * Both languages beside each other, paragraph by paragraph. A sentence can be chosen, looked at and
 * corrected; what is corrected is used from then on.
 */
export function Sides(props: {
  paragraphs: Paragraph[];
  from: Lang;
  to: Lang;
  /** The document it is of. */
  document?: number;
  /** Something was corrected or taken back. */
  changed: () => Promise<unknown>;
}) {
  const { session, t } = usePage();
  const [open, setOpen] = useState<string | null>(null);
  const may = session.may("note");
  return (
    <div className="tr-pairs">
      {props.paragraphs.map((p, i) => {
        if (p.sentences.length === 0) return <div className="gap" key={i} />;
        const chosen = p.sentences.findIndex((_, k) => open === `${i}.${k}`);
        const sentence = p.sentences[chosen];
        const side = (which: "source" | "target", lang: Lang) => (
          <p lang={lang}>
            {p.sentences.map((s, k) => {
              const state = stateOf(s);
              const key = `${i}.${k}`;
              const title =
                state === "person"
                  ? fill(t.trCorrectedBy, { name: s.correction?.author ?? "" })
                  : s.flags.map((f) => flagText(t, f)).join("\n") || undefined;
              return (
                <span key={key}>
                  {s.before}
                  <span
                    className={`s ${which === "target" ? state : ""}${open === key ? " on" : ""}`}
                    role="button"
                    tabIndex={which === "target" ? 0 : -1}
                    aria-expanded={open === key}
                    title={which === "target" ? title : undefined}
                    onClick={() => setOpen(open === key ? null : key)}
                    onKeyDown={(e) => {
                      if (e.key === "Enter" || e.key === " ") {
                        e.preventDefault();
                        setOpen(open === key ? null : key);
                      }
                    }}
                  >
                    {s[which]}
                  </span>
                </span>
              );
            })}
          </p>
        );
        return (
          <div className="pair" key={i}>
            {side("source", props.from)}
            {side("target", props.to)}
            {sentence && (
              <Editor
                key={open}
                sentence={sentence}
                from={props.from}
                to={props.to}
                document={props.document}
                may={may}
                close={() => setOpen(null)}
                changed={props.changed}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** One sentence: why it reads so, and how it should. */
function Editor(props: {
  sentence: Sentence;
  from: Lang;
  to: Lang;
  document: number | undefined;
  may: boolean;
  close: () => void;
  changed: () => Promise<unknown>;
}) {
  const { session, t } = usePage();
  const { sentence: s } = props;
  const [text, setText] = useState(s.target);
  const [failed, setFailed] = useState<string | null>(null);
  const run = async (action: () => Promise<unknown>) => {
    try {
      await action();
      await props.changed();
      props.close();
    } catch (e) {
      setFailed(e instanceof Error ? e.message : String(e));
    }
  };
  const n = s.correction?.n;
  return (
    <form
      className="tr-editor"
      onSubmit={(e) => {
        e.preventDefault();
        void run(() => memory.correct(props.from, s.source, text, props.document));
      }}
    >
      <small className="tr-by">
        {s.correction
          ? fill(s.correction.exact ? t.trCorrectedBy : t.trLikeCorrected, { name: s.correction.author })
          : fill(t.trBy, { engine: engineText(t, s.engine) })}
      </small>
      {s.flags.length > 0 && (
        <ul className="tr-flags">
          {s.flags.map((f) => (
            <li key={f}>{flagText(t, f)}</li>
          ))}
        </ul>
      )}
      {s.suggestions.map((g) => (
        <p className="tr-suggestion" key={g.source}>
          <b>{Math.round(100 * g.score)} %</b> {t.trSimilar} <q lang={props.from}>{g.source}</q>
          <button type="button" className="link" lang={props.to} onClick={() => setText(g.target)}>
            {g.target}
          </button>
        </p>
      ))}
      {props.may && (
        <textarea
          // biome-ignore lint: the editor opens because somebody wants to write
          autoFocus
          rows={Math.min(6, 1 + Math.ceil(text.length / 90))}
          lang={props.to}
          value={text}
          maxLength={8000}
          aria-label={t.trCorrect}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => {
            if (e.key === "Escape") props.close();
          }}
        />
      )}
      {failed && <p className="tr-flag">{fill(t.failed, { why: failed })}</p>}
      <div className="acts">
        {props.may && (
          <button type="submit" className="main" disabled={text.trim() === "" || text === s.target}>
            {t.trKeep}
          </button>
        )}
        {props.may && n != null && (
          <button type="button" onClick={() => void run(() => memory.undo(n))}>
            {t.trTakeBack}
          </button>
        )}
        <button type="button" className="quiet" onClick={props.close}>
          {t.cancel}
        </button>
        <small>{session.may("note") ? t.trKeepHint : ""}</small>
      </div>
      {s.terms.length > 0 && (
        <small className="tr-list">
          {t.trTerms}: {s.terms.map((p) => `${p.term} → ${p.used}`).join(" · ")}
        </small>
      )}
    </form>
  );
}
