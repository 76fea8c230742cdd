import { useState } from "react";
import { type EventRecord, type EventView, type Handled, parseTime, type Reason } from "../api.ts";
import { usePage } from "../context.ts";
import { clockLocal, clockUtc, eventReason, zoneName } from "../format.ts";
import { wordOf } from "../i18n.ts";
import { Still } from "../Still.tsx";
import { aboutPersons } from "./kinds.ts";
import "./event.css";

/** What is known of one event: the frames that show it, why it is said, and what speaks against it. */
export function EventDetail({ view, close }: { view: EventView; close: () => void }) {
  const { state, t } = usePage();
  const [enlarged, setEnlarged] = useState<number | null>(null);
  const { event } = view;
  const frames = event.evidence.flatMap((e) => e.frames.map((f) => ({ ...f, feed: e.feed })));
  frames.sort((a, b) => parseTime(a.t) - parseTime(b.t));
  const large = enlarged === null ? undefined : frames[enlarged];
  const from = parseTime(event.time);
  const to = event.time_end ? parseTime(event.time_end) : null;
  const why = eventReason(event, null, t);
  const reasons = event.about?.handling?.reasons ?? event.about?.return?.reasons ?? [];
  return (
    <section className="panel detail event-detail" aria-label={wordOf(t, "event", event.kind)}>
      <div className="panel-head">
        <h2>{wordOf(t, "event", event.kind)}</h2>
        <button type="button" className="quiet" onClick={close} aria-label={t.close}>
          ×
        </button>
      </div>
      <p className="facts">
        {event.subjects.length > 0 && <b>{event.subjects.join(", ")} · </b>}
        {zoneName(state.operation, event.zone)} · <time dateTime={event.time}>{clockUtc(from)}Z</time>
        {to !== null && to > from && <>–{clockUtc(to)}Z</>} <small>({clockLocal(from)})</small>
      </p>
      <p className="probability">
        {t.eventProbability} <meter min={0} max={1} value={event.p} /> <b>{Math.round(event.p * 100)} %</b>
      </p>
      {aboutPersons(event.kind) && <p className="hint review">{t.eventReview}</p>}
      <div className="scroll">
        <p lang={why === null ? "en" : undefined}>{why ?? event.reason}</p>
        {event.about?.handling && <Walks handled={event.about.handling} event={event} />}
        {reasons.length > 0 && <Reasons reasons={reasons} />}
        <h3>{t.evidence}</h3>
        {frames.length === 0 && <p className="hint">{t.eventNoFrames}</p>}
        {large && (
          <button type="button" className="enlarged" onClick={() => setEnlarged(null)} aria-label={t.close}>
            <Still feed={large.feed} t={parseTime(large.t)} width={960} box={large.box} />
          </button>
        )}
        <ul className="strip">
          {frames.map((f, i) => (
            <li key={`${f.feed}${f.t}`}>
              <button
                type="button"
                aria-pressed={i === enlarged}
                onClick={() => setEnlarged(i === enlarged ? null : i)}
              >
                <Still
                  feed={f.feed}
                  t={parseTime(f.t)}
                  width={320}
                  box={f.box}
                  label={`${f.feed} ${clockUtc(parseTime(f.t))}Z`}
                />
                <span>
                  {f.feed} {clockUtc(parseTime(f.t))}Z
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** Walks over time: those to the vehicle above the line, those from it below. */
function Walks({ handled, event }: { handled: Handled; event: EventRecord }) {
  const { t } = usePage();
  const walks = (handled.walks ?? []).map((w) => ({ ...w, a: parseTime(w.from), b: parseTime(w.to) }));
  if (walks.length === 0) return null;
  const begin = Math.min(parseTime(event.time), ...walks.map((w) => w.a));
  const end = Math.max(event.time_end ? parseTime(event.time_end) : begin + 1, ...walks.map((w) => w.b));
  const x = (us: number) => ((us - begin) / (end - begin)) * 100;
  return (
    <figure className="walks">
      <figcaption>
        {t.eventWalks}: ▲ {t.eventWalksTo} {handled.walks_in} · ▼ {t.eventWalksFrom} {handled.walks_out}
      </figcaption>
      <svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={t.eventWalks}>
        <line x1={0} x2={100} y1={10} y2={10} vectorEffect="non-scaling-stroke" />
        {walks.map((w) => (
          <rect
            key={`${w.from}${w.to}`}
            className={w.to_vehicle ? "to" : "from"}
            x={x(w.a)}
            width={Math.max(x(w.b) - x(w.a), 0.6)}
            y={w.to_vehicle ? 2 : 11}
            height={7}
          >
            <title>{`${clockUtc(w.a)}Z–${clockUtc(w.b)}Z, ${w.speed_m_s.toFixed(2)} m/s`}</title>
          </rect>
        ))}
      </svg>
      <div className="ends">
        <time>{clockUtc(begin)}Z</time> <time>{clockUtc(end)}Z</time>
      </div>
    </figure>
  );
}

/** Reasons as bars: to the right what speaks for the event, to the left what speaks against it. */
function Reasons({ reasons }: { reasons: Reason[] }) {
  const { t } = usePage();
  const most = Math.max(1, ...reasons.map((r) => Math.abs(r.weight)));
  return (
    <>
      <h3>{t.eventReasons}</h3>
      <table className="reasons">
        <tbody>
          {reasons.map((r) => {
            const width = (Math.abs(r.weight) / most) * 50;
            const side = r.weight >= 0 ? t.eventFor : t.eventAgainst;
            return (
              <tr key={r.what}>
                <th scope="row">{wordOf(t, "because", r.what)}</th>
                <td title={`${side}: ${Math.abs(r.weight).toFixed(1)}`}>
                  <span
                    className={r.weight >= 0 ? "for" : "against"}
                    style={{ width: `${width}%`, left: `${r.weight >= 0 ? 50 : 50 - width}%` }}
                  />
                </td>
                <td className="number">
                  {r.weight >= 0 ? "+" : "−"}
                  {Math.abs(r.weight).toFixed(1)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
