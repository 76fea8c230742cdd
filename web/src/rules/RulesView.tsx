import { useCallback, useEffect, useRef, useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc } from "../format.ts";
import { fill } from "../i18n.ts";
import { Who } from "../release/parts.tsx";
import { type CheckView, rulesApi, type TrialView, type WatchView } from "./api.ts";
import { Editor } from "./Editor.tsx";
import { Trial } from "./Trial.tsx";
import "./rules.css";

const DAYS = [7, 28, 90];
/** So long after the last key the document is checked. */
const CHECK_MS = 400;

/** What a document can name, until there is a result to look at. */
function Reference({ armed }: { armed: WatchView }) {
  const { t } = usePage();
  return (
    <div className="reference">
      <h3>{t.rulesOnNames}</h3>
      <p>
        {armed.on.map((name) => (
          <code key={name}>{name}</code>
        ))}
      </p>
      <h3>{t.rulesWhereNames}</h3>
      <dl>
        {armed.fields.map((f) => (
          <div key={f.name}>
            <dt>
              <code>{f.name}</code> <small>{f.kind}</small>
            </dt>
            <dd lang="en">{f.text.replaceAll("`", "")}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The watch document: written, checked as one writes, tried on what was recorded, armed. */
export function RulesView() {
  const { session, t } = usePage();
  const [armed, setArmed] = useState<WatchView | null>(null);
  const [text, setText] = useState("");
  const [check, setCheck] = useState<(CheckView & { text: string }) | null>(null);
  const [trial, setTrial] = useState<(TrialView & { text: string }) | null>(null);
  const [days, setDays] = useState(28);
  const [busy, setBusy] = useState(false);
  const asked = useRef("");
  const may = session.may("decide");

  const load = useCallback(
    () =>
      session.try(async () => {
        const now = await rulesApi.armed();
        setArmed(now);
        setText(now.text);
      }),
    [session],
  );
  useEffect(() => void load(), [load]);

  useEffect(() => {
    if (text === "") return;
    asked.current = text;
    const timer = window.setTimeout(() => {
      void session.try(async () => {
        const found = await rulesApi.check(text);
        // An answer about what has been overwritten is of no use.
        if (asked.current === text) setCheck({ ...found, text });
      });
    }, CHECK_MS);
    return () => window.clearTimeout(timer);
  }, [session, text]);

  // What is known of the text as it stands.
  const known = check?.text === text ? check : null;
  const faults = known?.faults ?? [];
  const changed = armed !== null && (armed.n === null || armed.text !== text);
  const tryIt = async () => {
    setBusy(true);
    await session.try(async () => setTrial({ ...(await rulesApi.backtest(text, days)), text }));
    setBusy(false);
  };
  const arm = async () => {
    if (!window.confirm(t.rulesArmAsk)) return;
    await session.try(async () => setArmed(await rulesApi.arm(text)));
  };
  return (
    <main className="desk rules-view">
      <section className="panel rules-edit" aria-label={t.rulesTitle}>
        <div className="panel-head">
          <h2>{t.rulesTitle}</h2>
          {armed?.author && armed.n !== null && armed.at_us !== null ? (
            <span className="hint" data-testid="armed">
              {fill(t.rulesArmed, { n: armed.n, rules: armed.rules })} <Who by={armed.author} /> · {dateUtc(armed.at_us)}
            </span>
          ) : (
            <span className="hint" data-testid="armed">
              {t.rulesNone}
            </span>
          )}
        </div>
        <p className="hint pad">
          {t.rulesHint} {armed?.n !== null && t.rulesNext}
        </p>
        <Editor text={text} change={setText} faults={faults} locked={false} />
        <div className="rules-acts">
          <output className={known === null ? "wait" : known.ok ? "good" : "bad"} data-testid="check">
            {known === null
              ? "…"
              : known.ok
                ? fill(t.rulesGood, { n: known.rules })
                : faults.length === 1
                  ? t.rulesFault
                  : fill(t.rulesFaults, { n: faults.length })}
            {changed && armed?.n !== null && <em> · {t.rulesChanged}</em>}
          </output>
          {changed && armed?.n !== null && (
            <button type="button" className="quiet" onClick={() => void load()}>
              {t.rulesRevert}
            </button>
          )}
          <div className="switch">
            {DAYS.map((n) => (
              <button key={n} type="button" aria-pressed={days === n} onClick={() => setDays(n)}>
                {fill(t.rulesDays, { n })}
              </button>
            ))}
          </div>
          <button type="button" disabled={!known?.ok || busy} onClick={() => void tryIt()}>
            {busy ? t.rulesTrying : t.rulesBacktest}
          </button>
          {may && (
            <button type="button" className="primary" disabled={!known?.ok || !changed} onClick={() => void arm()}>
              {t.rulesArm}
            </button>
          )}
        </div>
      </section>
      <section className="panel rules-trial">
        {trial ? (
          <Trial key={trial.text} trial={trial} stale={trial.text !== text} />
        ) : (
          armed && <Reference armed={armed} />
        )}
      </section>
    </main>
  );
}
