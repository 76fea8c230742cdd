import { useCallback, useEffect, useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill } from "../i18n.ts";
import { Who } from "../release/parts.tsx";
import { type MemoryView, memory, type TmxTaken } from "../translation/api.ts";

/** Corrections shown before one asks for more. */
const FIRST = 12;

/** What people corrected: how much, by whom, out and in as TMX, each to be taken back. */
export function MemoryPanel(props: { turn: number; changed: () => Promise<unknown> }) {
  const { session, lang, t } = usePage();
  const [view, setView] = useState<MemoryView | null>(null);
  const [taken, setTaken] = useState<TmxTaken | null>(null);
  const load = useCallback(() => session.try(async () => setView(await memory.view())), [session]);
  // biome-ignore lint: a correction made elsewhere on the page is a reason to look again
  useEffect(() => void load(), [load, props.turn]);
  const may = session.may("note");
  const undo = async (action: () => Promise<MemoryView>) => {
    if (await session.try(async () => setView(await action()))) await props.changed();
  };
  const take = async (file: File | undefined) => {
    if (!file) return;
    const done = await session.try(async () => setTaken(await memory.take(file)));
    if (done) {
      await load();
      await props.changed();
    }
  };
  return (
    <section className="mem" aria-label={t.memTitle}>
      <h3>{t.memTitle}</h3>
      <p className="hint">{t.memHint}</p>
      <p>
        <b data-testid="mem-held">{number(view?.held ?? 0, lang)}</b> {t.memHeld}
      </p>
      <div className="row">
        <a className="button" href={memory.exportUrl} download>
          {t.memExport}
        </a>
        {may && (
          <label className="button">
            {t.memImport}
            <input
              type="file"
              className="hidden"
              accept=".tmx,application/x-tmx+xml,text/xml"
              onChange={(e) => {
                void take(e.target.files?.[0]);
                e.target.value = "";
              }}
            />
          </label>
        )}
      </div>
      {taken && (
        <p className="hint" role="status">
          {fill(t.memTaken, {
            taken: number(taken.taken, lang),
            known: number(taken.known, lang),
            refused: number(taken.refused, lang),
            machine: number(taken.machine, lang),
            others: number(taken.others, lang),
          })}
          {taken.first_refused && <> {fill(t.memRefused, { why: taken.first_refused })}</>}
        </p>
      )}
      {view && view.files.length > 0 && (
        <>
          <h3>{t.memFiles}</h3>
          <ul className="mem-list">
            {view.files.map((f) => (
              <li key={f.n} className={f.undone ? "undone" : ""}>
                <span>{f.name}</span>
                <small>
                  {t.memPairs} {number(f.taken, lang)} · <Who by={f.by} /> {dateUtc(f.at_us)}
                </small>
                {may && !f.undone && (
                  <button type="button" className="link" onClick={() => void undo(() => memory.undoFile(f.n))}>
                    {t.netUndo}
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{t.memLatest}</h3>
      {view?.corrections.length === 0 && <p className="hint">{t.memNone}</p>}
      <ul className="mem-list">
        {view?.corrections.slice(0, FIRST).map((c) => (
          <li key={c.n} className={c.undone ? "undone" : ""}>
            <span lang={c.lang}>{c.source}</span>
            <span className="to" lang={c.lang === "es" ? "en" : "es"}>
              {c.target}
            </span>
            <small>
              <Who by={c.by} /> {dateUtc(c.at_us)}
            </small>
            {may && !c.undone && (
              <button type="button" className="link" onClick={() => void undo(() => memory.undo(c.n))}>
                {t.netUndo}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
