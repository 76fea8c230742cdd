import { useState } from "react";
import { usePage } from "../context.ts";
import { dateUtc } from "../format.ts";
import { fill } from "../i18n.ts";
import { Who } from "../release/parts.tsx";
import { type Judgement, net, type Verdict } from "./api.ts";

const VERDICTS: Verdict[] = ["same", "distinct", "undecided"];

/** Says which entities are one, by whom and why; anything said can be taken back. */
export function Judging(props: {
  pair: string[] | null;
  /** Names of ids that are shown. */
  names: ReadonlyMap<string, string>;
  judgements: Judgement[];
  conflicts: [string, string][];
  changed: () => Promise<void>;
}) {
  const { session, t } = usePage();
  const [reason, setReason] = useState("");
  const judge = async (verdict: Verdict) => {
    const [left, right] = props.pair ?? [];
    if (!left || !right) return;
    const done = await session.try(async () => void (await net.judge(left, right, verdict, reason.trim())));
    if (done) {
      setReason("");
      await props.changed();
    }
  };
  const undo = async (n: number) => {
    if (await session.try(async () => void (await net.undo(n)))) await props.changed();
  };
  const short = (id: string) => props.names.get(id) ?? id.split("/").slice(1).join("/");
  return (
    <>
      {props.pair && (
        <form className="judge" onSubmit={(e) => e.preventDefault()}>
          <h3>{t.netJudge}</h3>
          <input
            value={reason}
            maxLength={500}
            aria-label={t.netReason}
            placeholder={t.netReasonPlaceholder}
            onChange={(e) => setReason(e.target.value)}
          />
          <div className="row">
            {VERDICTS.map((v) => (
              <button key={v} type="button" onClick={() => void judge(v)}>
                {t[`verdict_${v}`]}
              </button>
            ))}
          </div>
        </form>
      )}
      {props.conflicts.map(([a, b]) => (
        <p className="banner bad" key={`${a} ${b}`}>
          {fill(t.netConflict, { a: short(a), b: short(b) })}
        </p>
      ))}
      <h3>{t.netJudgements}</h3>
      {props.judgements.length === 0 && <p className="hint">{t.netNoJudgements}</p>}
      <ul className="judgements">
        {[...props.judgements].reverse().map((j) => (
          <li key={j.n} className={j.undone ? "undone" : ""}>
            <b>{t[`verdict_${j.verdict}`]}</b> {short(j.left)} · {short(j.right)}
            {j.reason && <q>{j.reason}</q>}
            <small>
              <Who by={j.by} /> {dateUtc(j.at_us)} {j.undone && t.netUndone}
            </small>
            {!j.undone && (
              <button type="button" className="link" onClick={() => void undo(j.n)}>
                {t.netUndo}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
