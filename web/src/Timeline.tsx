import { parseTime } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { clockUtc, zoneName } from "./format.ts";
import { wordOf } from "./i18n.ts";

const SPAN_US = 10 * 60_000_000;

/** The events and alerts of the last minutes on a line; what was not observed is hatched. */
export function Timeline({ select }: { select: (key: string) => void }) {
  const { session, state, t } = usePage();
  useBeat(1000);
  const now = session.eventNow();
  const x = (us: number) => Math.min(Math.max(((us - (now - SPAN_US)) / SPAN_US) * 100, 0), 100);
  const recent = (us: number) => us > now - SPAN_US && us <= now + 1e6;
  const events = state.events.filter((e) => recent(parseTime(e.event.time)) || e.event.time_end);
  const alerts = state.alerts.filter((a) => recent(parseTime(a.alert.opened_at)));
  return (
    <section className="panel timeline" aria-label={t.timeline}>
      <h2>{t.timeline}</h2>
      <div className="track">
        {[2, 4, 6, 8, 10].map((m) => (
          <span key={m} className="tick" style={{ left: `${x(now - m * 60e6)}%` }}>
            {clockUtc(now - m * 60e6).slice(0, 5)}
          </span>
        ))}
        {events.map(({ run, event }) => {
          const from = parseTime(event.time);
          const to = event.time_end ? parseTime(event.time_end) : from;
          const title = `${clockUtc(from)}Z ${wordOf(t, "event", event.kind)} ${event.subjects.join(", ")} · ${zoneName(state.operation, event.zone)}`;
          if (event.kind === "coverage_gap") {
            if (to < now - SPAN_US) return null;
            return (
              <span
                key={`${run}${event.id}`}
                className="gap"
                title={title}
                style={{ left: `${x(from)}%`, width: `${Math.max(x(to) - x(from), 0.4)}%` }}
              />
            );
          }
          if (!recent(from)) return null;
          return (
            <span
              key={`${run}${event.id}`}
              className={`mark ${event.kind}`}
              title={title}
              style={{ left: `${x(from)}%` }}
            />
          );
        })}
        {alerts.map((a) => (
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
    </section>
  );
}
