import { useEffect, useRef } from "react";
import { type ActKind, type AlertLife, type AlertView, parseTime } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { age, clockUtc, ruleText, zoneName } from "./format.ts";
import { fill, wordOf } from "./i18n.ts";
import { Still } from "./Still.tsx";

/** Alerts, newest first: the queue that one hand can clear. */
export function AlertList(props: {
  alerts: AlertView[];
  openOnly: boolean;
  setOpenOnly: (on: boolean) => void;
  select: (key: string) => void;
  act: (kind: ActKind, text: string) => Promise<void>;
  reject: (key: string) => void;
}) {
  const { session, state, t } = usePage();
  const open = state.alerts.filter((a) => a.alert.state === "open").length;
  return (
    <section className="panel alerts" aria-label={t.alerts}>
      <div className="panel-head">
        <h2>
          {t.alerts} <span className={open > 0 ? "count some" : "count"}>{open}</span>
        </h2>
        <div className="switch">
          <button type="button" aria-pressed={props.openOnly} onClick={() => props.setOpenOnly(true)}>
            {t.open}
          </button>
          <button type="button" aria-pressed={!props.openOnly} onClick={() => props.setOpenOnly(false)}>
            {t.all}
          </button>
        </div>
      </div>
      {props.alerts.length === 0 && <p className="empty">{props.openOnly ? t.noOpenAlerts : t.noAlerts}</p>}
      <ol className="alert-list" aria-live="polite">
        {props.alerts.map((a) => (
          <AlertRow key={a.key} view={a} {...props} selected={a.key === state.selectedAlert} />
        ))}
      </ol>
      {state.nextAlerts && !props.openOnly && (
        <button type="button" className="more" onClick={() => void session.moreAlerts()}>
          {t.moreAlerts}
        </button>
      )}
    </section>
  );
}

/** How often it was found, whether it grew louder, and how those like it were answered. */
function Life({ life }: { life: AlertLife }) {
  const { t } = usePage();
  const at = (time: string) => clockUtc(parseTime(time));
  const title = fill(t.alertJoinedTitle, { n: life.count, time: at(life.updated_at) });
  if (life.count < 2 && !life.escalated_at && life.p_right === undefined) return null;
  return (
    <span className="alert-life">
      {life.count > 1 && <b title={title}>{fill(t.alertJoined, { n: life.count })}</b>}
      {life.escalated_at && <em>{fill(t.alertEscalated, { time: at(life.escalated_at) })}</em>}
      {life.p_right !== undefined && (
        <i title={t.alertRightTitle}>{fill(t.alertRight, { p: Math.round(life.p_right * 100) })}</i>
      )}
    </span>
  );
}

function AlertRow(props: {
  view: AlertView;
  selected: boolean;
  select: (key: string) => void;
  act: (kind: ActKind, text: string) => Promise<void>;
  reject: (key: string) => void;
}) {
  const { session, state, t } = usePage();
  useBeat(5000);
  const { key, alert } = props.view;
  const row = useRef<HTMLLIElement>(null);
  const opened = parseTime(alert.opened_at);
  const shot = alert.evidence.find((e) => e.frames.length > 0);
  const frame = shot?.frames[0];
  useEffect(() => {
    if (props.selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [props.selected]);
  return (
    <li
      ref={row}
      className={`alert ${alert.severity} ${alert.state}`}
      aria-current={props.selected ? "true" : undefined}
      data-key={key}
    >
      <button type="button" className={shot ? "alert-main" : "alert-main bare"} onClick={() => props.select(key)}>
        {shot && <Still feed={shot.feed} t={frame ? parseTime(frame.t) : opened} width={160} />}
        <span className="alert-text">
          <span className="alert-top">
            <b className="severity">{wordOf(t, "severity", alert.severity)}</b>
            <time dateTime={alert.opened_at} title={`${clockUtc(opened)} UTC`}>
              {age(session.eventNow() - opened, t)}
            </time>
          </span>
          <span className="rule">{ruleText(state.operation, alert.rule, t)}</span>
          <span className="alert-where">
            {alert.subjects.length > 0 && <b>{alert.subjects.join(", ")} · </b>}
            {zoneName(state.operation, alert.zone)}
            {alert.state !== "open" && <i>{wordOf(t, "state", alert.state)}</i>}
          </span>
          {alert.life && (
            <>
              <span className="alert-reason" lang="en">
                {alert.reason}
              </span>
              <Life life={alert.life} />
            </>
          )}
        </span>
      </button>
      {alert.state === "open" && (
        <span className="alert-acts">
          <button
            type="button"
            onClick={() => {
              props.select(key);
              void props.act("acknowledge", "");
            }}
          >
            {t.acknowledge}
          </button>
          <button type="button" className="quiet" onClick={() => props.reject(key)}>
            {t.reject}
          </button>
        </span>
      )}
    </li>
  );
}
