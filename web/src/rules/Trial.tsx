import { useState } from "react";
import { parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { dateUtc, number, zoneName } from "../format.ts";
import { fill, wordOf } from "../i18n.ts";
import { duration } from "../release/parts.tsx";
import { Still } from "../Still.tsx";
import type { TrialRule, TrialView } from "./api.ts";

/** Alerts listed before one asks for more. */
const FIRST = 30;

/** What a document would have raised: a row of bars for each rule, then the alerts with their evidence. */
export function Trial({ trial, stale }: { trial: TrialView; stale: boolean }) {
  const { lang, t } = usePage();
  const [rule, setRule] = useState<string | null>(null);
  const [day, setDay] = useState<string | null>(null);
  const [most, setMost] = useState(FIRST);
  const listed = trial.alerts.filter(
    ({ alert }) => (rule === null || alert.rule === rule) && (day === null || alert.opened_at.startsWith(day)),
  );
  const [first, last] = [trial.days[0], trial.days[trial.days.length - 1]];
  return (
    <section className="trial" aria-label={t.rulesResult} data-testid="trial">
      <h3>{t.rulesResult}</h3>
      {first === undefined ? (
        <p className="empty">{t.rulesNothing}</p>
      ) : (
        <p className="hint">
          {fill(t.rulesTried, {
            events: number(trial.events, lang),
            days: trial.days.length,
            first,
            last: last ?? first,
          })}
          {trial.cut && <> {t.rulesCut}</>}
        </p>
      )}
      {stale && <p className="stale">{t.rulesStale}</p>}
      <ul className="trial-rules">
        {trial.rules.map((r) => (
          <li key={r.rule} className={rule === r.rule ? "chosen" : undefined}>
            <button
              type="button"
              className="trial-name"
              aria-pressed={rule === r.rule}
              onClick={() => {
                setRule(rule === r.rule ? null : r.rule);
                setDay(null);
              }}
            >
              <b>{r.rule}</b>
              <span className="big">{number(r.raised, lang)}</span>
            </button>
            <div className="bars">
              {r.per_day.map((n, i) => {
                const name = trial.days[i] ?? "";
                // Each rule has its own scale, said below; one alert does not fill it.
                const highest = Math.max(4, ...r.per_day);
                return (
                  <button
                    key={name}
                    type="button"
                    className={rule === r.rule && day === name ? "bar chosen" : "bar"}
                    title={fill(t.rulesDayBar, { day: name, n })}
                    aria-label={fill(t.rulesDayBar, { day: name, n })}
                    onClick={() => {
                      const same = rule === r.rule && day === name;
                      setRule(r.rule);
                      setDay(same ? null : name);
                    }}
                  >
                    <i style={{ height: n === 0 ? "1px" : `${Math.max((n / highest) * 100, 6)}%` }} />
                  </button>
                );
              })}
            </div>
            <p className="hint">{said(r, trial.days.length, lang, t).join(" · ")}</p>
            {r.failure && <p className="stale">{fill(t.rulesFailed, { n: r.failed, why: r.failure })}</p>}
          </li>
        ))}
      </ul>
      <h4>
        {fill(t.rulesAlerts, { n: number(trial.count, lang) })}
        {trial.count > trial.alerts.length && <span> · {fill(t.rulesShown, { n: trial.alerts.length })}</span>}
        {rule && <span className="filter"> · {rule}</span>}
        {day && <span className="filter"> · {fill(t.rulesOnly, { day })}</span>}
      </h4>
      <ol className="trial-alerts">
        {listed.slice(0, most).map((row) => (
          <TrialAlert key={row.alert.id} {...row} />
        ))}
      </ol>
      {listed.length > most && (
        <button type="button" className="more" onClick={() => setMost((n) => n + FIRST)}>
          {t.moreAlerts}
        </button>
      )}
    </section>
  );
}

/** What became of what a rule found, without the noughts. */
function said(r: TrialRule, days: number, lang: "en" | "es", t: ReturnType<typeof usePage>["t"]): string[] {
  const counts: [string, number][] = [
    [t.rulesJoined, r.joined],
    [t.rulesHeld, r.held],
    [t.rulesLearned, r.learned],
    [t.rulesParked, r.parked],
    [t.rulesUnwatched, r.unwatched],
    [t.rulesUndecided, r.undecided],
  ];
  const a = r.raised / Math.max(days, 1);
  return [
    fill(t.rulesPerDay, { n: number(a, lang, a < 1 ? 2 : 1) }),
    fill(t.rulesMost, { n: Math.max(0, ...r.per_day) }),
    fill(t.rulesQuiet, { t: duration(r.longest_quiet_s, lang) }),
    ...counts.filter(([, n]) => n > 0).map(([phrase, n]) => fill(phrase, { n: number(n, lang) })),
  ];
}

function TrialAlert({ alert }: TrialView["alerts"][number]) {
  const { state, t } = usePage();
  const [shown, setShown] = useState(false);
  const at = parseTime(alert.opened_at);
  const shot = alert.evidence.find((e) => e.frames.length > 0);
  const frame = shot?.frames[0];
  return (
    <li className={alert.severity}>
      <time dateTime={alert.opened_at}>{dateUtc(at)}</time>
      <b className="severity">{wordOf(t, "severity", alert.severity)}</b>
      <span className="what">
        {alert.reason}
        <small>
          {alert.rule}
          {alert.zone !== "" && ` · ${zoneName(state.operation, alert.zone)}`}
          {alert.subjects.length > 0 && ` · ${alert.subjects.join(", ")}`}
          {alert.life && alert.life.count > 1 && ` · ${fill(t.alertJoined, { n: alert.life.count })}`}
        </small>
      </span>
      {shot && frame ? (
        <button type="button" aria-expanded={shown} onClick={() => setShown((on) => !on)}>
          {t.rulesEvidence}
        </button>
      ) : (
        <small className="none">{t.rulesNoEvidence}</small>
      )}
      {shown && shot && frame && <Still feed={shot.feed} t={parseTime(frame.t)} width={640} />}
    </li>
  );
}
