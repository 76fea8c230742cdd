import { useEffect, useRef, useState } from "react";
import { type ActKind, type AlertDetail, api, type EventRecord, parseTime } from "./api.ts";
import { usePage } from "./context.ts";
import { clockLocal, clockUtc, eventReason, ruleText, zoneName } from "./format.ts";
import { wordOf } from "./i18n.ts";
import { DecisionPanel } from "./release/DecisionPanel.tsx";
import { Still } from "./Still.tsx";

/** An act that wants words first. */
export interface Draft {
  act: "reject" | "comment";
  text: string;
}

/** All that belongs to the selected alert: frames, reasons, events, and what people did. */
export function Detail(props: {
  draft: Draft | null;
  setDraft: (draft: Draft | null) => void;
  act: (kind: ActKind, text: string) => Promise<void>;
}) {
  const { session, state, t } = usePage();
  const [detail, setDetail] = useState<AlertDetail | null>(null);
  const [enlarged, setEnlarged] = useState<number | null>(null);
  const key = state.selectedAlert;
  const listed = state.alerts.find((a) => a.key === key);

  // `listed` changes with every act of anybody: the acts are asked for again.
  useEffect(() => {
    if (!key) return;
    let wanted = true;
    void session.try(async () => {
      const found = await api.alert(key);
      if (wanted) setDetail(found);
    });
    return () => {
      wanted = false;
    };
  }, [key, listed, session]);
  useEffect(() => setEnlarged(null), [key]);

  if (!key || !listed) {
    return (
      <section className="panel detail">
        <p className="empty">{t.selectAlert}</p>
      </section>
    );
  }
  const { alert } = listed;
  const found = detail?.key === key ? detail : null;
  const frames = alert.evidence.flatMap((e) => e.frames.map((f) => ({ ...f, feed: e.feed })));
  frames.sort((a, b) => parseTime(a.t) - parseTime(b.t));
  const large = enlarged === null ? undefined : frames[enlarged];
  const opened = parseTime(alert.opened_at);
  const limit = state.operation?.rules.find((r) => r.id === alert.rule)?.longer_than_s ?? null;
  const why = (e: EventRecord) => eventReason(e, limit, t);
  const reasons = found?.events.map(why) ?? [];
  const reason = reasons.length > 0 && !reasons.includes(null) ? reasons.join("; ") : null;
  const can = {
    acknowledge: alert.state === "open",
    reject: alert.state === "open" || alert.state === "acknowledged",
    close: alert.state === "acknowledged",
  };
  return (
    <section
      className={`panel detail ${alert.severity}`}
      aria-label={ruleText(state.operation, alert.rule, t)}
    >
      <div className="panel-head">
        <h2>{ruleText(state.operation, alert.rule, t)}</h2>
        <span className={`state ${alert.state}`}>{wordOf(t, "state", alert.state)}</span>
      </div>
      <p className="facts">
        {alert.subjects.length > 0 && <b>{alert.subjects.join(", ")} · </b>}
        {zoneName(state.operation, alert.zone)} ·{" "}
        <time dateTime={alert.opened_at}>{clockUtc(opened)}Z</time> <small>({clockLocal(opened)})</small>
      </p>
      <div className="acts">
        <button
          type="button"
          className="main"
          disabled={!can.acknowledge}
          onClick={() => void props.act("acknowledge", "")}
        >
          {t.acknowledge} <kbd>a</kbd>
        </button>
        <button
          type="button"
          disabled={!can.reject}
          onClick={() => props.setDraft({ act: "reject", text: "" })}
        >
          {t.reject} <kbd>r</kbd>
        </button>
        <button type="button" disabled={!can.close} onClick={() => void props.act("close", "")}>
          {t.close} <kbd>d</kbd>
        </button>
        <button type="button" onClick={() => props.setDraft({ act: "comment", text: "" })}>
          {t.comment} <kbd>c</kbd>
        </button>
      </div>
      {props.draft && <DraftForm {...props} draft={props.draft} />}
      <div className="scroll">
        <DecisionPanel key={key} alertKey={key} state={alert.state} />
        <h3>{t.evidence}</h3>
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
        {alert.evidence.some((e) => e.segment === null) && <p className="hint">{t.provisional}</p>}
        <h3>{t.reason}</h3>
        {reason === null || alert.life ? <p lang="en">{alert.reason}</p> : <p>{reason}</p>}
        {found && found.events.length > 0 && (
          <>
            <h3>{t.events}</h3>
            <ul className="lines">
              {found.events.map((e) => (
                <li key={e.id}>
                  <time>{clockUtc(parseTime(e.time))}Z</time> <b>{wordOf(t, "event", e.kind)}</b>{" "}
                  {e.subjects.join(", ")} · {zoneName(state.operation, e.zone)} · {Math.round(e.p * 100)} %
                  {why(e) === null ? <small lang="en">{e.reason}</small> : <small>{why(e)}</small>}
                </li>
              ))}
            </ul>
          </>
        )}
        <h3>{t.acts}</h3>
        {found && found.acts.length === 0 && <p className="hint">{t.nobodyYet}</p>}
        <ul className="lines acts-log">
          {found?.acts.map((a) => (
            <li key={`${a.at}${a.act}`}>
              <time>{clockUtc(parseTime(a.at))}Z</time> <b>{a.author.name}</b>{" "}
              {!a.author.verified && <em>({t.unverified})</em>} {wordOf(t, "act", a.act)}
              {a.text && <q>{a.text}</q>}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function DraftForm(props: {
  draft: Draft;
  setDraft: (draft: Draft | null) => void;
  act: (kind: ActKind, text: string) => Promise<void>;
}) {
  const { t } = usePage();
  const field = useRef<HTMLInputElement>(null);
  const { act, text } = props.draft;
  useEffect(() => field.current?.focus(), [act]);
  const label = act === "reject" ? t.confirmReject : t.commentPlaceholder;
  return (
    <form
      className={`draft ${act}`}
      onSubmit={(e) => {
        e.preventDefault();
        if (act === "reject" || text.trim()) void props.act(act, text);
      }}
    >
      <label>
        {label}
        <input
          ref={field}
          value={text}
          maxLength={1000}
          onChange={(e) => props.setDraft({ act, text: e.target.value })}
        />
      </label>
      <button type="submit" className="main">
        {act === "reject" ? t.reject : t.send}
      </button>
      <button type="button" className="quiet" onClick={() => props.setDraft(null)}>
        {t.cancel}
      </button>
    </form>
  );
}
