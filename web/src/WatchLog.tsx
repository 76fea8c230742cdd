import { type RefObject, useState } from "react";
import { api, type NoteKind, parseTime } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { clockUtc } from "./format.ts";
import { wordOf } from "./i18n.ts";
import { NoteTranslation } from "./translation/NoteTranslation.tsx";

const KINDS: NoteKind[] = ["observation", "instruction", "handover", "fault"];

/** The watch log: typed notes with a time code. */
export function WatchLog({ field }: { field: RefObject<HTMLTextAreaElement | null> }) {
  const { session, state, t } = usePage();
  const [kind, setKind] = useState<NoteKind>("observation");
  const [text, setText] = useState("");
  /** The moment that was shown when writing began. */
  const [code, setCode] = useState<number | null>(null);
  useBeat(1000);
  const write = async () => {
    if (!text.trim()) return;
    const t_us = code ?? session.eventNow();
    const run = [...session.frames.values()][0]?.run;
    const done = await session.try(async () =>
      session.putNote(await api.addNote({ kind, t_us, run, text: text.trim() })),
    );
    if (done) {
      setText("");
      setCode(null);
    }
  };
  return (
    <section className="panel log" aria-label={t.watchLog}>
      <div className="panel-head">
        <h2>{t.watchLog}</h2>
        <span className="hint">
          {t.timeCode} {clockUtc(code ?? session.eventNow())}Z
        </span>
      </div>
      <form
        className="note-form"
        onSubmit={(e) => {
          e.preventDefault();
          void write();
        }}
      >
        <select aria-label={t.note} value={kind} onChange={(e) => setKind(e.target.value as NoteKind)}>
          {KINDS.map((k) => (
            <option key={k} value={k}>
              {wordOf(t, "note", k)}
            </option>
          ))}
        </select>
        <textarea
          ref={field}
          rows={2}
          value={text}
          maxLength={2000}
          placeholder={t.notePlaceholder}
          aria-label={t.note}
          onChange={(e) => {
            setCode((c) => (e.target.value === "" ? null : (c ?? session.eventNow())));
            setText(e.target.value);
          }}
          onKeyDown={(e) => {
            if (e.key === "Enter" && !e.shiftKey) {
              e.preventDefault();
              void write();
            }
          }}
        />
        <button type="submit">{t.write}</button>
      </form>
      <ul className="lines scroll">
        {state.notes.length === 0 && <li className="empty">{t.noNotes}</li>}
        {state.notes.map((n) => (
          <li key={n.n} className={`note ${n.kind}`}>
            <time dateTime={n.t}>{clockUtc(parseTime(n.t))}Z</time>{" "}
            <b className="kind">{wordOf(t, "note", n.kind)}</b> {n.text}{" "}
            <small>
              {n.author.name}
              {!n.author.verified && ` (${t.unverified})`}
            </small>
            <NoteTranslation text={n.text} />
          </li>
        ))}
      </ul>
    </section>
  );
}
