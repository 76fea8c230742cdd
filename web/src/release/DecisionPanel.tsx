import { useCallback, useEffect, useId, useState } from "react";
import type { AlertState } from "../api.ts";
import { usePage } from "../context.ts";
import { wordOf } from "../i18n.ts";
import { CHOICES, type Choice, type Decisions, desk, type TargetMatch } from "./api.ts";
import { DraftForm } from "./DraftForm.tsx";
import { Step, Who } from "./parts.tsx";

/** Between looks at what others have decided. */
const OTHERS_MS = 4000;

/** What was decided on an alert, and deciding: who, what, why. */
export function DecisionPanel({ alertKey, state }: { alertKey: string; state: AlertState }) {
  const { session, t } = usePage();
  const [found, setFound] = useState<Decisions | null>(null);
  const [open, setOpen] = useState<"decide" | "match" | "draft" | null>(null);

  const load = useCallback(
    () => session.try(async () => setFound(await desk.decisions(alertKey))),
    [session, alertKey],
  );
  useEffect(() => {
    void load();
    // Others look at the same alert, and decide.
    const timer = window.setInterval(() => {
      desk
        .decisions(alertKey)
        .then(setFound)
        .catch(() => {});
    }, OTHERS_MS);
    return () => window.clearInterval(timer);
  }, [load, alertKey]);

  if (!found) return null;
  const referred = found.decisions.findLast((d) => d.choice === "refer_to_partner");
  const alive = state === "open" || state === "acknowledged";
  const done = () => {
    setOpen(null);
    void load();
  };
  return (
    <section className="decision" aria-label={t.decision}>
      <h3>{t.decision}</h3>
      {found.decisions.length === 0 && <p className="hint">{t.nothingDecided}</p>}
      <ul className="course">
        {found.decisions.map((d) => (
          <Step key={d.n} done={{ by: d.by, at: d.at }} what={wordOf(t, "choice", d.choice)}>
            {d.partner && <b className="named"> {d.partner}</b>}
            {d.target && <b className="named"> {d.target}</b>}
            <p>{d.assessment}</p>
            <p className="why">{d.reason}</p>
          </Step>
        ))}
      </ul>
      {found.matches.map((m) => (
        <MatchRow key={m.n} match={m} done={done} />
      ))}
      {open === null && (
        <div className="acts">
          {session.may("decide") && alive && (
            <button type="button" onClick={() => setOpen("decide")}>
              {t.decide}
            </button>
          )}
          {session.may("propose") && alive && found.targets.length > 0 && (
            <button type="button" onClick={() => setOpen("match")}>
              {t.propose}
            </button>
          )}
          {session.may("draft") && referred?.partner && (
            <button type="button" className="main" onClick={() => setOpen("draft")}>
              {t.draftRelease}
            </button>
          )}
        </div>
      )}
      {open === "decide" && <DecideForm alertKey={alertKey} found={found} done={done} />}
      {open === "match" && <MatchForm alertKey={alertKey} found={found} done={done} />}
      {open === "draft" && referred?.partner && (
        <DraftForm alertKey={alertKey} partner={referred.partner} assessment={referred.assessment} cancel={done} />
      )}
    </section>
  );
}

function DecideForm(props: { alertKey: string; found: Decisions; done: () => void }) {
  const { session, t } = usePage();
  const [choice, setChoice] = useState<Choice>("continue");
  const [considered, setConsidered] = useState<Choice[]>([]);
  const [assessment, setAssessment] = useState("");
  const [reason, setReason] = useState("");
  const [partner, setPartner] = useState(props.found.partners[0] ?? "");
  const group = useId();
  const confirmed = props.found.matches.some((m) => m.state === "confirmed");
  const possible = (c: Choice) =>
    (c !== "recommend_entry" || confirmed) &&
    (c !== "refer_to_partner" || props.found.partners.length > 0);
  const why = (c: Choice) => (c === "recommend_entry" ? t.needsMatch : t.noPartners);
  const record = () =>
    session
      .try(() =>
        desk.decide(props.alertKey, {
          assessment,
          options: considered,
          choice,
          reason,
          partner: choice === "refer_to_partner" ? partner : null,
        }),
      )
      .then((ok) => ok && props.done());
  return (
    <form
      className="desk-form"
      onSubmit={(e) => {
        e.preventDefault();
        void record();
      }}
    >
      <p className="hint">{t.decideHint}</p>
      <label>
        {t.assessment}
        <textarea
          rows={3}
          required
          maxLength={4000}
          value={assessment}
          placeholder={t.assessmentPlaceholder}
          onChange={(e) => setAssessment(e.target.value)}
        />
      </label>
      <fieldset className="choices">
        <legend>
          <span>{t.decision}</span>
          <span>{t.considered}</span>
        </legend>
        {CHOICES.map((c) => (
          <div key={c} className={c === choice ? "choice chosen" : "choice"}>
            <label>
              <input
                type="radio"
                name={group}
                value={c}
                checked={c === choice}
                disabled={!possible(c)}
                onChange={() => setChoice(c)}
              />
              {wordOf(t, "choice", c)}
              {!possible(c) && <small>{why(c)}</small>}
            </label>
            <input
              type="checkbox"
              aria-label={`${t.considered}: ${wordOf(t, "choice", c)}`}
              checked={c === choice || considered.includes(c)}
              disabled={c === choice}
              onChange={(e) =>
                setConsidered(e.target.checked ? [...considered, c] : considered.filter((x) => x !== c))
              }
            />
          </div>
        ))}
      </fieldset>
      {choice === "refer_to_partner" && (
        <label>
          {t.partner}
          <select value={partner} onChange={(e) => setPartner(e.target.value)}>
            {props.found.partners.map((p) => (
              <option key={p}>{p}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        {t.decideReason}
        <textarea
          rows={2}
          required
          maxLength={4000}
          value={reason}
          placeholder={t.decideReasonPlaceholder}
          onChange={(e) => setReason(e.target.value)}
        />
      </label>
      <div className="acts">
        <button type="submit" className="main">
          {t.record}
        </button>
        <button type="button" className="quiet" onClick={props.done}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

function MatchForm(props: { alertKey: string; found: Decisions; done: () => void }) {
  const { session, t } = usePage();
  const [target, setTarget] = useState(props.found.targets[0]?.name ?? "");
  const [reason, setReason] = useState("");
  const chosen = props.found.targets.find((x) => x.name === target);
  return (
    <form
      className="desk-form"
      onSubmit={(e) => {
        e.preventDefault();
        void session
          .try(() => desk.propose(props.alertKey, target, reason))
          .then((ok) => ok && props.done());
      }}
    >
      <p className="hint">{t.targetsHint}</p>
      <label>
        {t.targets}
        <select value={target} onChange={(e) => setTarget(e.target.value)}>
          {props.found.targets.map((x) => (
            <option key={x.name} value={x.name}>
              {x.name} ({wordOf(t, "target", x.kind)})
            </option>
          ))}
        </select>
      </label>
      {chosen?.description && <p className="hint">{chosen.description}</p>}
      <label>
        {t.decideReason}
        <input required maxLength={1000} value={reason} onChange={(e) => setReason(e.target.value)} />
      </label>
      <div className="acts">
        <button type="submit" className="main">
          {t.propose}
        </button>
        <button type="button" className="quiet" onClick={props.done}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

function MatchRow({ match: m, done }: { match: TargetMatch; done: () => void }) {
  const { session, t } = usePage();
  const [reason, setReason] = useState("");
  const answer = (how: "confirm" | "deny") =>
    void session.try(() => desk.answer(m.n, how, reason)).then((ok) => ok && done());
  return (
    <div className={`match ${m.state}`}>
      <p>
        <b>{m.target}</b> <span className="state">{wordOf(t, "match", m.state)}</span>
      </p>
      <p>
        {t.proposedBy} <Who by={m.proposed.by} />: {m.reason}
      </p>
      {m.answered && (
        <p>
          {wordOf(t, "match", m.state)} · <Who by={m.answered.by} />: {m.answer}
        </p>
      )}
      {m.state === "proposed" && session.may("confirm") && (
        <form
          className="row"
          onSubmit={(e) => {
            e.preventDefault();
            answer("confirm");
          }}
        >
          <input
            required
            value={reason}
            maxLength={1000}
            aria-label={t.whyPlaceholder}
            placeholder={t.whyPlaceholder}
            onChange={(e) => setReason(e.target.value)}
          />
          <button type="submit">{t.confirm}</button>
          <button type="button" className="quiet" disabled={!reason.trim()} onClick={() => answer("deny")}>
            {t.deny}
          </button>
        </form>
      )}
    </div>
  );
}
