import { useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill } from "../i18n.ts";
import { Who } from "../release/parts.tsx";
import { type NetImport, net } from "./api.ts";

/** Files that people brought: what was kept of each, what was left out, and by whom. */
export function Imports(props: { imports: NetImport[]; persons: number; changed: () => Promise<void> }) {
  const { session, lang, t } = usePage();
  const [busy, setBusy] = useState(false);
  const may = session.may("note");
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const done = await session.try(async () => void (await net.take(file)));
    setBusy(false);
    if (done) await props.changed();
  };
  const undo = async (n: number) => {
    if (await session.try(async () => void (await net.undoImport(n)))) await props.changed();
  };
  const left = (i: NetImport): string[] => {
    const c = i.counts;
    const said: [number, string][] = [
      [c.persons, t.netLeftPersons],
      [c.like_persons, t.netLeftLike],
      [c.dropped, t.netLeftLinks],
      [c.loops, t.netLeftLoops],
    ];
    return said.filter(([n]) => n > 0).map(([n, what]) => fill(what, { n: number(n, lang) }));
  };
  return (
    <section className="imports" aria-label={t.netImports}>
      <h3>{t.netImports}</h3>
      <p className="hint">
        {t.netImportsHint}{" "}
        {props.persons === 0 ? t.netPersonsNone : fill(t.netPersonsSome, { n: number(props.persons, lang) })}
      </p>
      {may && (
        <label className="button">
          {busy ? t.docReading : t.netImport}
          <input
            type="file"
            className="hidden"
            accept=".csv,.json,.jsonl,.ftm,text/csv,application/json"
            onChange={(e) => {
              void take(e.target.files?.[0]);
              e.target.value = "";
            }}
          />
        </label>
      )}
      <ul className="judgements">
        {[...props.imports].reverse().map((i) => (
          <li key={i.n} className={i.undone ? "undone" : ""}>
            <b>{i.name}</b> {fill(t.netKept, { nodes: number(i.counts.nodes, lang), links: number(i.counts.links, lang) })}
            {left(i).map((l) => (
              <span className="notable" key={l}>
                {l}
              </span>
            ))}
            <small>
              <Who by={i.by} /> {dateUtc(i.at_us)} {i.undone && t.netUndone}
            </small>
            {may && !i.undone && (
              <button type="button" className="link" onClick={() => void undo(i.n)}>
                {t.netUndo}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
