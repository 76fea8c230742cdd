import { useCallback, useEffect, useState } from "react";
import { parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill } from "../i18n.ts";
import { type Act, desk, type Verified } from "./api.ts";
import { Who } from "./parts.tsx";

/** First words of acts, to filter by. */
const KINDS = [
  "alert.",
  "match.",
  "release.",
  "evidence.",
  "refused",
  "note.",
  "track",
  "partner.",
  "session.",
  "user.",
  "purge",
  "audit.",
];

/** For the auditor: every act, and whether any was altered. */
export function AuditView() {
  const { session, lang, t } = usePage();
  const [acts, setActs] = useState<Act[]>([]);
  const [sums, setSums] = useState({ total: 0, refused: 0 });
  const [what, setWhat] = useState("");
  const [text, setText] = useState("");
  const [verified, setVerified] = useState<Verified | "busy" | null>(null);

  const load = useCallback(
    (before: number | null) =>
      session.try(async () => {
        const page = await desk.acts(before, what, text.trim());
        setActs((shown) => (before === null ? page.acts : [...shown, ...page.acts]));
        setSums({ total: page.total, refused: page.refused });
      }),
    [session, what, text],
  );
  useEffect(() => {
    const timer = window.setTimeout(() => void load(null), 150);
    return () => window.clearTimeout(timer);
  }, [load]);

  const verify = async () => {
    setVerified("busy");
    const ok = await session.try(async () => setVerified(await desk.verify()));
    if (!ok) setVerified(null);
    void load(null);
  };
  const last = acts.at(-1);
  return (
    <main className="desk audit" aria-label={t.auditTitle}>
      <section className="panel">
        <div className="panel-head">
          <h2>{t.auditTitle}</h2>
          <span className="hint">{t.auditHint}</span>
        </div>
        <div className="audit-tools">
          <button type="button" className="main" disabled={verified === "busy"} onClick={() => void verify()}>
            {verified === "busy" ? t.verifying : t.verifyNow}
          </button>
          <a className="button" href={desk.checkpointUrl} download="atalaya.checkpoint" title={t.checkpointHint}>
            {t.checkpoint}
          </a>
          <select aria-label={t.filterWhat} value={what} onChange={(e) => setWhat(e.target.value)}>
            <option value="">{t.allActs}</option>
            {KINDS.map((k) => (
              <option key={k} value={k}>
                {k}
              </option>
            ))}
          </select>
          <input
            value={text}
            placeholder={t.filterText}
            aria-label={t.filterText}
            onChange={(e) => setText(e.target.value)}
          />
          <span className="hint">
            {fill(t.totalActs, { n: number(sums.total, lang), refused: number(sums.refused, lang) })}
          </span>
        </div>
        {verified && verified !== "busy" && (
          <div className={verified.sound ? "verdict good" : "verdict bad"} role="status">
            {verified.sound ? (
              <p>
                {fill(t.sound, { n: number(verified.acts, lang), purged: number(verified.purged, lang) })}{" "}
                <code>{verified.root}</code>
              </p>
            ) : (
              <>
                <p>{t.altered}</p>
                <ul lang="en">
                  {verified.findings.map((f) => (
                    <li key={f}>{f}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
        <div className="scroll">
          <table className="acts-table">
            <thead>
              <tr>
                <th>{t.actNumber}</th>
                <th>{t.actWhen}</th>
                <th>{t.actWho}</th>
                <th>{t.actWhat}</th>
                <th>{t.actSubject}</th>
                <th>{t.actDetail}</th>
              </tr>
            </thead>
            <tbody>
              {acts.map((a) => (
                <tr key={a.n} className={a.what.startsWith("refused") ? "refusal" : a.purged ? "purged" : ""}>
                  <td>{a.n}</td>
                  {a.purged || a.at === null ? (
                    <td colSpan={5}>{t.actPurged}</td>
                  ) : (
                    <>
                      <td>
                        <time dateTime={a.at}>{dateUtc(parseTime(a.at)).slice(0, -1)}</time>
                      </td>
                      <td>
                        <Who by={a.who} />
                      </td>
                      <td>
                        <code>{a.what}</code>
                      </td>
                      <td>{a.subject}</td>
                      <td>
                        <code title={a.detail}>{a.detail === "null" ? "" : a.detail}</code>
                      </td>
                    </>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {last && last.n > 1 && acts.length % 200 === 0 && (
            <button type="button" className="more" onClick={() => void load(last.n)}>
              {t.earlierActs}
            </button>
          )}
        </div>
      </section>
    </main>
  );
}
