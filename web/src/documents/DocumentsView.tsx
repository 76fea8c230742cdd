import { useCallback, useEffect, useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill, type Lang, wordOf } from "../i18n.ts";
import { hashOf } from "../nav.ts";
import { Who } from "../release/parts.tsx";
import { type DocumentRow, type DocumentView, engineText, papers } from "../translation/api.ts";
import { Sides } from "../translation/Sides.tsx";
import { MemoryPanel } from "./MemoryPanel.tsx";
import "./documents.css";

/** Documents that people brought, each beside its translation. */
export function DocumentsView({ selected }: { selected: string }) {
  const { session, t } = usePage();
  const [rows, setRows] = useState<DocumentRow[]>([]);
  const [view, setView] = useState<DocumentView | null>(null);
  const [busy, setBusy] = useState(false);
  /** A file whose language could not be told. */
  const [asked, setAsked] = useState<{ file: File; why: string } | null>(null);
  const [over, setOver] = useState(false);
  /** Corrections made here: the memory is read anew. */
  const [turn, setTurn] = useState(0);
  const n = Number(selected) || null;

  const list = useCallback(() => session.try(async () => setRows(await papers.all())), [session]);
  useEffect(() => void list(), [list]);
  const load = useCallback(async () => {
    if (n === null) {
      setView(null);
      return;
    }
    setBusy(true);
    await session.try(async () => setView(await papers.one(n)));
    setBusy(false);
  }, [session, n]);
  useEffect(() => void load(), [load]);

  const add = async (file: File | undefined, from: Lang | null) => {
    if (!file) return;
    setBusy(true);
    try {
      const made = await papers.add(file, from);
      setAsked(null);
      await list();
      location.hash = hashOf("documents", String(made.n));
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      if (why.includes("from=es or from=en")) setAsked({ file, why });
      else session.set({ failure: why });
    }
    setBusy(false);
  };
  const changed = async () => {
    await load();
    setTurn((x) => x + 1);
  };
  const remove = async (row: DocumentRow) => {
    if (!window.confirm(t.docRemoveAsk)) return;
    const done = await session.try(async () => setRows(await papers.remove(row.n)));
    if (done) location.hash = hashOf("documents");
  };

  return (
    <main className="desk documents" aria-label={t.docTitle}>
      <section
        className={`panel doc-list${over ? " over" : ""}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          if (session.may("note")) void add(e.dataTransfer.files[0], null);
        }}
      >
        <div className="panel-head">
          <h2>{t.docTitle}</h2>
          {busy && <span className="hint">{t.docReading}</span>}
        </div>
        <div className="scroll">
          <p className="hint">{t.docHint}</p>
          {session.may("note") && (
            <label className="button main" title={t.docAddHint}>
              {t.docAdd}
              <input
                type="file"
                className="hidden"
                accept=".txt,.docx,.pdf,text/plain,application/pdf"
                onChange={(e) => {
                  void add(e.target.files?.[0], null);
                  e.target.value = "";
                }}
              />
            </label>
          )}
          {asked && (
            <p className="banner" role="alert">
              {asked.file.name}: {t.docLanguage}{" "}
              {(["es", "en"] as Lang[]).map((l) => (
                <button key={l} type="button" onClick={() => void add(asked.file, l)}>
                  {wordOf(t, "trLanguage", l)}
                </button>
              ))}
            </p>
          )}
          {rows.length === 0 && <p className="empty">{t.docNone}</p>}
          <ul className="doc-rows">
            {rows.map((r) => (
              <li key={r.n}>
                <a href={hashOf("documents", String(r.n))} aria-current={r.n === n ? "true" : undefined}>
                  <b>{r.name}</b>
                  <small>
                    <span className="doc-lang">{wordOf(t, "trLanguage", r.lang)}</span> ·{" "}
                    {wordOf(t, "docKind", r.kind)} · {dateUtc(r.at_us)} · <Who by={r.by} />
                  </small>
                </a>
              </li>
            ))}
          </ul>
          <MemoryPanel turn={turn} changed={load} />
        </div>
      </section>
      <section className="panel doc-one">
        {view && n !== null ? (
          <Document key={view.document.n} view={view} changed={changed} remove={() => remove(view.document)} />
        ) : (
          <p className="empty">{busy ? t.docReading : t.docPick}</p>
        )}
      </section>
    </main>
  );
}

function Document(props: { view: DocumentView; changed: () => Promise<void>; remove: () => Promise<void> }) {
  const { session, lang, t } = usePage();
  const { view } = props;
  const d = view.document;
  return (
    <>
      <div className="panel-head">
        <h2>{d.name}</h2>
        <span className="hint">
          {number(view.words, lang)} {t.docWords} · {number(view.sentences, lang)} {t.docSentences} ·{" "}
          <b className="look">
            {number(view.flagged, lang)} {t.docFlagged}
          </b>{" "}
          ·{" "}
          <b className="person">
            {number(view.corrected, lang)} {t.docCorrected}
          </b>
        </span>
        <a className="button" href={papers.exportUrl(d.n, "txt")} download>
          {t.docExportText}
        </a>
        <a className="button" href={papers.exportUrl(d.n, "tmx")} download>
          {t.docExportTmx}
        </a>
        {session.may("note") && (
          <button type="button" className="quiet" onClick={() => void props.remove()}>
            {t.docRemove}
          </button>
        )}
      </div>
      <p className="doc-mark" role="note">
        {fill(t.docMachine, { engine: engineText(t, view.engine) })}{" "}
        <span className="s look">{t.docLegendLook}</span> <span className="s person">{t.docLegendPerson}</span>{" "}
        <span className="s machine">{t.docLegendMachine}</span> {session.may("note") && t.docClick}
      </p>
      <div className="doc-heads">
        <h3>
          {t.trOriginal} · {wordOf(t, "trLanguage", d.lang)}
        </h3>
        <h3>{wordOf(t, "trLanguage", view.to)}</h3>
      </div>
      <div className="scroll">
        <Sides
          paragraphs={view.paragraphs}
          from={d.lang}
          to={view.to}
          document={d.n}
          changed={props.changed}
        />
      </div>
    </>
  );
}
