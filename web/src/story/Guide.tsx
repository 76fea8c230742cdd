import { useCallback, useEffect, useRef, useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill, type Lang, type Words, wordOf } from "../i18n.ts";
import { type Fact, type Order, placeOf, type Step, type Story, story as api } from "./api.ts";
import "./story.css";

/** Between looks at where the story stands. */
const BEAT_MS = 700;
const HIDDEN_KEY = "atalaya.guide.hidden";

/** The story that a demonstration tells: what has just happened, what comes, and who may stop it. */
export function Guide() {
  const { session, lang, t } = usePage();
  const [told, setTold] = useState<Story | null>(null);
  const [hidden, setHidden] = useState(() => sessionStorage.getItem(HIDDEN_KEY) === "1");
  const [along, setAlong] = useState(false);
  const shownAt = useRef<number | null>(null);

  useEffect(() => {
    let over = false;
    let timer: number | undefined;
    const ask = async () => {
      let next: Story | null = null;
      try {
        next = await api.now();
      } catch {
        // The link's own banner says it.
        timer = window.setTimeout(() => void ask(), 5 * BEAT_MS);
        return;
      }
      if (over) return;
      setTold(next);
      // Where no story is told, nobody asks again.
      if (next) timer = window.setTimeout(() => void ask(), BEAT_MS);
    };
    void ask();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, []);

  const go = useCallback(
    (s: Story) => {
      const { hash, alert, fit } = placeOf(s);
      if (location.hash !== hash) location.hash = hash;
      if (alert && session.state.selectedAlert !== alert) session.set({ selectedAlert: alert });
      if (fit) session.set({ fit });
    },
    [session],
  );
  // The page goes along with each step, once: whoever looks elsewhere meanwhile is left alone.
  useEffect(() => {
    if (!told || shownAt.current === told.at) return;
    const first = shownAt.current === null;
    shownAt.current = told.at;
    if (first) setAlong(told.playing);
    else if (along && !hidden) go(told);
  }, [told, along, hidden, go]);

  const order = (what: Order) =>
    session.try(async () => {
      setTold(await api.order(what));
    });
  const hide = (on: boolean) => {
    setHidden(on);
    sessionStorage.setItem(HIDDEN_KEY, on ? "1" : "0");
  };
  if (!told) return null;
  if (hidden)
    return (
      <button type="button" className="guide-tab" onClick={() => hide(false)}>
        {t.storyShow} · {fill(t.storyOf, { n: Math.min(told.at + 1, told.steps.length), all: told.steps.length })}
      </button>
    );
  const step = told.steps[told.at];
  const before = told.steps[told.at - 1];
  return (
    <section className="guide" aria-label={t.storyGuide} data-step={step?.id ?? "end"}>
      <ol className="guide-steps" aria-label={t.storySteps}>
        {told.steps.map((s, i) => (
          <li key={s.id} className={s.state} aria-current={i === told.at ? "step" : undefined}>
            <span title={`${i + 1}. ${title(s, t)}`} />
          </li>
        ))}
      </ol>
      <div className="guide-said">
        <div className="guide-just" aria-live="polite">
          <small>{before ? `${t.storyJust} · ${title(before, t)}` : t.storyGuide}</small>
          <p>{before ? came(before, t, lang) : t.storyBegin}</p>
        </div>
        <div className="guide-next">
          {step ? (
            <>
              <h2>
                <small>{fill(t.storyOf, { n: told.at + 1, all: told.steps.length })}</small> {title(step, t)}
                <em>{when(step, told.playing, t)}</em>
              </h2>
              <p>{wordOf(t, "story", `${step.id}_next`)}</p>
              {step.why ? (
                <p className="guide-why" role="alert">
                  {fill(t.storyFailed, { why: step.why })}
                </p>
              ) : (
                !told.playing && <p className="hint">{wordOf(t, "story", `${step.id}_hand`)}</p>
              )}
            </>
          ) : (
            <p>{t.storyEnd}</p>
          )}
        </div>
        <div className="guide-keys">
          {step && (
            <button
              type="button"
              className="main"
              aria-pressed={told.playing}
              onClick={() => void order(told.playing ? "pause" : "play")}
            >
              {told.playing ? `❚❚ ${t.storyPause}` : `▶ ${t.storyPlay}`}
            </button>
          )}
          {step && step.reading_s > 0 && (
            <button type="button" onClick={() => void order("next")}>
              {t.storyNext}
            </button>
          )}
          <label>
            <input
              type="checkbox"
              checked={along}
              onChange={(e) => {
                setAlong(e.target.checked);
                if (e.target.checked) go(told);
              }}
            />{" "}
            {t.storyGo}
          </label>
          {told.partner_url && (
            <a href={told.partner_url} target="_blank" rel="noreferrer">
              {t.storyPartner} ↗
            </a>
          )}
          <button
            type="button"
            className="link"
            onClick={() => window.confirm(t.storyAgainSure) && void order("again")}
          >
            {t.storyAgain}
          </button>
          <button type="button" className="link" onClick={() => hide(true)}>
            {t.storyHide}
          </button>
        </div>
      </div>
    </section>
  );
}

const title = (step: Step, t: Words) => wordOf(t, "story", step.id);

/** When a step will be done. */
function when(step: Step, playing: boolean, t: Words): string {
  if (step.reading_s === 0) return t.storyWaits;
  if (!playing) return t.storyPaused;
  return fill(t.storyIn, { s: Math.max(0, Math.ceil(step.reading_s - step.read_s)) });
}

/** What came of a step, with its figures as the reader writes them. */
function came(step: Step, t: Words, lang: Lang): string {
  const f = step.facts;
  const num = (v: Fact | undefined) => (typeof v === "number" ? v : 0);
  const metres = (v: Fact | undefined) => number(Math.round(num(v)), lang);
  const values: Record<string, string | number> = {};
  for (const [name, v] of Object.entries(f)) {
    if (Array.isArray(v)) values[name] = v.join(", ");
    else if (typeof v === "number") values[name] = number(v, lang);
    else if (typeof v === "string") values[name] = v;
  }
  if ("until_us" in f) values.until = dateUtc(num(f.until_us));
  if ("radius_m" in f) {
    values.radius = metres(f.radius_m);
    values.fence = metres(f.fence_m);
    values.terrain = metres(f.terrain_m);
    values.sight = `${Math.round(100 * num(f.sight))} %`;
  }
  if ("after_s" in f) values.after = span(num(f.after_s), lang);
  if (typeof f.engine === "string") values.engine = wordOf(t, "trEngine", f.engine);
  if (step.id === "network" && typeof f.name === "string") {
    const [kind = "", ...rest] = f.name.split(" ");
    values.name = [wordOf(t, "class", kind), ...rest].join(" ");
  }
  const bad = step.id === "audit" && !(f.sound && f.partner_sound);
  return fill(wordOf(t, "story", `${step.id}_${bad ? "bad" : "done"}`), values);
}

/** A short span of time. */
function span(s: number, lang: Lang): string {
  if (s < 90) return `${number(Math.round(s), lang)} s`;
  return `${number(Math.round(s / 60), lang)} min`;
}
