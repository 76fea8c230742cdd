import { api } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { number } from "./format.ts";
import { ellipse90 } from "./geometry.ts";
import { fill, wordOf } from "./i18n.ts";

/** The selected track, and what people may do with it. */
export function TrackPanel({ shownAt }: { shownAt: () => number }) {
  const { session, state, t, lang } = usePage();
  useBeat(500);
  const name = state.selectedTrack;
  const tail = name ? session.tails.get(name) : undefined;
  const p = tail?.last;
  const edits = state.edits
    .filter((e) => !e.undone)
    .slice(-2)
    .reverse();
  return (
    <section className="panel tracks" aria-label={t.tracks}>
      <h2>{t.tracks}</h2>
      <ul className="chips">
        {[...session.tails]
          .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
          .map(([n, tail]) => (
            <li key={n}>
              <button
                type="button"
                className={`chip ${tail.last.class} ${tail.last.state}`}
                aria-pressed={n === name}
                onClick={() => session.selectTrack(n === name && !state.mergeInto ? null : n)}
              >
                <b>{n}</b> {wordOf(t, "class", tail.last.class)} · {wordOf(t, "track", tail.last.state)}
              </button>
            </li>
          ))}
        {session.tails.size === 0 && <li className="hint">{t.noTrack}</li>}
      </ul>
      {state.mergeInto ? (
        <p className="hint loud">{t.mergeHint}</p>
      ) : (
        name &&
        tail &&
        p && (
          <div className="track-acts">
            <b>{name}</b>
            <span>
              {wordOf(t, "class", p.class)} {number(p.class_p * 100, lang)} % ·{" "}
              {p.ground ? fill(t.within90, { m: number(ellipse90(p.ground.cov).a, lang, 1) }) : t.notPlaced}
            </span>
            <button
              type="button"
              title={t.splitHint}
              onClick={() => void session.try(() => api.split(name, tail.run, shownAt()))}
            >
              {t.split}
            </button>
            <button type="button" onClick={() => session.set({ mergeInto: name })}>
              {t.merge}
            </button>
          </div>
        )
      )}
      {edits.map((e) => (
        <span key={e.n} className="edit">
          {fill(e.edit === "split" ? t.edit_split : t.edit_merge, { track: e.track, other: e.other ?? "" })}
          <button type="button" className="quiet" onClick={() => void session.try(() => api.undo(e.n))}>
            {t.undo}
          </button>
        </span>
      ))}
    </section>
  );
}
