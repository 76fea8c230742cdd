import { useState } from "react";
import { parseTime } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { clockUtc, zoneName } from "./format.ts";
import { fill, type Words, wordOf } from "./i18n.ts";
import { lanes, rowsOf, type Visit } from "./visits.ts";
import "./timeline.css";

const MINUTE_US = 60e6;
/** Minutes that the timeline can show, and between its ticks. */
const SPANS = [
  [10, 2],
  [60, 10],
  [360, 60],
  [1440, 240],
] as const;
/** Lanes of a row; more visits at once share the last. */
const LANES = 3;

/** Who is, and was, in which zone: a row for each; what was not observed is hatched. */
export function Timeline({ select }: { select: (key: string) => void }) {
  const { session, state, t } = usePage();
  const [span, setSpan] = useState(0);
  useBeat(1000);
  const [minutes, step] = SPANS[span] ?? SPANS[0];
  const now = session.eventNow();
  const begin = now - minutes * MINUTE_US;
  const x = (us: number) => Math.min(Math.max(((us - begin) / (now - begin)) * 100, 0), 100);
  const { visits, marks, hidden } = rowsOf(state.events);
  const recent = (us: number) => us > begin && us <= now + 1e6;
  const shown = visits.filter((v) => (v.to ?? now) > begin && v.from <= now);
  const seen = marks.filter((m) => recent(m.at));
  const gaps = hidden.filter((h) => h.to > begin);
  const alerts = state.alerts.filter((a) => recent(parseTime(a.alert.opened_at)));
  const known = state.operation?.zones.map((z) => z.id) ?? [];
  const other = [...shown, ...seen, ...gaps].map((r) => r.zone).filter((z) => z !== "" && !known.includes(z));
  const elsewhere = seen.some((m) => m.zone === "") || alerts.some((a) => a.alert.zone === "");
  const rows = [...known, ...new Set(other), ...(elsewhere ? [""] : [])];
  const ticks = Array.from({ length: Math.floor(minutes / step) - 1 }, (_, i) => now - (i + 1) * step * MINUTE_US);
  const short = (us: number) => clockUtc(us).slice(0, 5);
  return (
    <section className="panel timeline" aria-label={t.timeline}>
      <div className="timeline-head">
        <div className="timeline-name">
          <h2>{t.visits}</h2>
          <div className="switch">
            {SPANS.map(([m], i) => (
              <button key={m} type="button" aria-pressed={i === span} onClick={() => setSpan(i)}>
                {m < 60 ? `${m} min` : `${m / 60} h`}
              </button>
            ))}
          </div>
        </div>
        <div className="ticks" aria-hidden="true">
          {ticks.map((us) => (
            <span key={us} style={{ left: `${x(us)}%` }}>
              {short(us)}
            </span>
          ))}
          <span className="now">{t.visitsNow}</span>
        </div>
      </div>
      <ol className="zone-rows">
        {rows.map((zone) => {
          const mine = shown.filter((v) => v.zone === zone);
          const lane = lanes(mine, LANES);
          const deep = Math.max(1, ...[...lane.values()].map((n) => n + 1));
          return (
            <li key={zone} data-zone={zone}>
              <span className="zone-name" title={zoneName(state.operation, zone)}>
                {zone === "" ? t.visitsElsewhere : zoneName(state.operation, zone)}
              </span>
              <div className="zone-row" style={{ height: `${8 + deep * 9}px` }}>
                {ticks.map((us) => (
                  <i key={us} className="rule" style={{ left: `${x(us)}%` }} />
                ))}
                {gaps
                  .filter((h) => h.zone === zone)
                  .map((h) => (
                    <span
                      key={h.key}
                      className="gap"
                      title={`${clockUtc(h.from)}Z–${clockUtc(h.to)}Z ${t.event_coverage_gap}`}
                      style={{ left: `${x(h.from)}%`, width: `${Math.max(x(h.to) - x(h.from), 0.2)}%` }}
                    />
                  ))}
                {mine.map((v) => (
                  <span
                    key={v.key}
                    className={`visit${v.came ? "" : " appeared"}${v.to === null ? " here" : v.left ? "" : " lost"}`}
                    title={told(v, t)}
                    style={{
                      left: `${x(v.from)}%`,
                      width: `${Math.max(x(v.to ?? now) - x(v.from), 0.3)}%`,
                      top: `${4 + (lane.get(v.key) ?? 0) * 9}px`,
                    }}
                  />
                ))}
                {seen
                  .filter((m) => m.zone === zone)
                  .map((m) => (
                    <button
                      key={m.key}
                      type="button"
                      className={`mark ${m.kind}`}
                      aria-pressed={m.key === state.selectedEvent}
                      title={`${clockUtc(m.at)}Z ${wordOf(t, "event", m.kind)} ${m.title.join(", ")}`}
                      style={{ left: `${x(m.at)}%`, width: m.to && m.to > m.at ? `${x(m.to) - x(m.at)}%` : undefined }}
                      onClick={() => session.set({ selectedEvent: m.key })}
                    />
                  ))}
                {alerts
                  .filter((a) => a.alert.zone === zone)
                  .map((a) => (
                    <button
                      key={a.key}
                      type="button"
                      className={`flag ${a.alert.severity}`}
                      aria-label={`${clockUtc(parseTime(a.alert.opened_at))}Z ${a.alert.rule} ${a.alert.subjects.join(", ")}`}
                      style={{ left: `${x(parseTime(a.alert.opened_at))}%` }}
                      onClick={() => select(a.key)}
                    />
                  ))}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** A visit in words. */
function told(v: Visit, t: Words): string {
  const from = clockUtc(v.from);
  const said =
    v.to === null
      ? fill(t.visitHere, { who: v.who, from })
      : fill(t.visitWas, { who: v.who, from, to: clockUtc(v.to) });
  const unseen = [v.came ? "" : t.visitUnseenStart, v.to === null || v.left ? "" : t.visitUnseenEnd];
  return [said, ...unseen.filter((u) => u !== "")].join("; ");
}
