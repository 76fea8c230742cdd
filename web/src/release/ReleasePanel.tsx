import { useState } from "react";
import { parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { dateUtc } from "../format.ts";
import { fill, wordOf } from "../i18n.ts";
import { engineText, flagText } from "../translation/api.ts";
import { desk, type MessageKind, type ReleaseView } from "./api.ts";
import { Step } from "./parts.tsx";

/** One release: what it says, its course, and what may be done next. */
export function ReleasePanel({ view, changed }: { view: ReleaseView; changed: () => Promise<unknown> }) {
  const { session, t } = usePage();
  const [link, setLink] = useState<string | null>(null);
  const { release: r, messages } = view;
  const sent = r.direction === "sent";
  const run = (action: () => Promise<unknown>) => session.try(action).then((ok) => ok && changed());
  return (
    <section className="panel release-one" aria-label={r.title}>
      <div className="panel-head">
        <h2>{r.title || t.contentGone}</h2>
        <span className={`rchip st-${r.state}`}>{wordOf(t, "rstate", r.state)}</span>
      </div>
      <div className="scroll">
        <p className="facts">
          <b>{r.from}</b> → <b>{r.to}</b> · {wordOf(t, "lang", r.language)} · <code>{r.id}</code>
          {r.sealed && (
            <>
              <br />
              {fill(t.due, { t: dateUtc(parseTime(r.sealed.at) + r.reply_within_h * 3.6e9) })}
            </>
          )}
        </p>
        <Actions view={view} run={run} setLink={setLink} />
        {link && <OneTime link={link} />}
        {r.machine && (
          <div className="machine-mark" role="note">
            <p>
              {fill(t.releaseByMachine, {
                engine: engineText(t, r.machine.engine),
                from: wordOf(t, "trLanguage", r.machine.from),
              })}
            </p>
            {r.machine.flags.length > 0 && (
              <ul className="tr-flags">
                {r.machine.flags.map((f) => (
                  <li key={f}>{flagText(t, f)}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {r.summary && <p className="summary">{r.summary}</p>}
        {!view.has_content && <p className="hint loud">{t.contentGone}</p>}
        {r.removed.length > 0 && (
          <details className="removed" open={r.state === "draft"}>
            <summary>{t.removedTitle}</summary>
            <ul>
              {r.removed.map((x) => (
                <li key={x.what} lang={r.language}>
                  {x.count > 0 && <b>{x.count} </b>}
                  {x.why}
                </li>
              ))}
            </ul>
          </details>
        )}
        <h3>{t.course}</h3>
        <ul className="course">
          <Step done={r.drafted} what={t.drafted} />
          {r.approved && (
            <Step done={r.approved} what={r.state === "turned_down" ? t.turnedDown : t.approved} />
          )}
          {r.sealed && <Step done={r.sealed} what={t.sealedBy} />}
          {messages.map(({ n, message: m, ours, posted }) => (
            <Step key={n} done={m} what={wordOf(t, "said", m.kind)}>
              {m.text && <p className="why">{m.text}</p>}
              {ours && !posted && !sent && session.may("carry") && (
                <p>
                  <a href={desk.messageUrl(n)} download>
                    {t.notPosted}
                  </a>
                </p>
              )}
              {ours && sent && session.may("carry") && (
                <p>
                  <a href={desk.messageUrl(n)} download>
                    {t.sealedFile}
                  </a>
                </p>
              )}
            </Step>
          ))}
        </ul>
        {view.has_content && (
          <>
            <p className="report-head">
              <a href={desk.reportUrl(r.id)} target="_blank" rel="noreferrer">
                {t.openReport}
              </a>
            </p>
            <iframe className="report" title={r.title} src={desk.reportUrl(r.id)} sandbox="" />
          </>
        )}
      </div>
    </section>
  );
}

/** The link, while it can still be seen. */
function OneTime({ link }: { link: string }) {
  const { t } = usePage();
  const [copied, setCopied] = useState(false);
  return (
    <div className="one-time" role="status">
      <p>{t.linkOnce}</p>
      <code>{link}</code>
      <button
        type="button"
        onClick={() => void navigator.clipboard?.writeText(link).then(() => setCopied(true))}
      >
        {copied ? t.copied : t.copy}
      </button>
    </div>
  );
}

function Actions(props: {
  view: ReleaseView;
  run: (action: () => Promise<unknown>) => Promise<unknown>;
  setLink: (link: string) => void;
}) {
  const { session, t } = usePage();
  const { release: r, messages } = props.view;
  const [text, setText] = useState("");
  const [open, setOpen] = useState<"turn-down" | "recall" | MessageKind | null>(null);
  const said = (k: MessageKind) => messages.some((m) => m.message.kind === k);
  const ask = (what: typeof open) => {
    setText("");
    setOpen(what);
  };
  const finish = () => {
    const what = open;
    setOpen(null);
    void props.run(() => {
      if (what === "turn-down") return desk.judge(r.id, "turn-down", text);
      if (what === "recall") return desk.recall(r.id, text);
      return desk.say(r.id, what as MessageKind, text);
    });
  };
  const needed = open === "turn-down" || open === "recall" || open === "refused" || open === "outcome";
  const answers: MessageKind[] = [];
  if (r.direction === "received" && r.state === "sealed" && session.may("reply")) {
    if (!said("receipt")) answers.push("receipt");
    else if (!said("accepted") && !said("refused")) answers.push("accepted", "refused");
    else if (said("accepted")) answers.push("acting", "outcome");
  }
  const seal = async (portal: string | null) => {
    const sealed = await desk.seal(r.id, portal);
    if (sealed.link) props.setLink(sealed.link);
  };
  return (
    <>
      <div className="acts">
        {r.state === "draft" && session.may("approve") && (
          <>
            <button type="button" className="main" onClick={() => void props.run(() => desk.judge(r.id, "approve", ""))}>
              {t.approve}
            </button>
            <button type="button" onClick={() => ask("turn-down")}>
              {t.turnDown}
            </button>
          </>
        )}
        {r.state === "approved" && session.may("carry") && (
          <>
            <button type="button" className="main" title={t.sealHint} onClick={() => void props.run(() => seal(location.origin))}>
              {t.sealLink}
            </button>
            <button type="button" title={t.sealHint} onClick={() => void props.run(() => seal(null))}>
              {t.sealFile}
            </button>
          </>
        )}
        {r.direction === "sent" && r.state === "sealed" && session.may("carry") && (
          <>
            <a className="button" href={desk.sealedUrl(r.id)} download>
              {t.sealedFile}
            </a>
            <button type="button" className="quiet" onClick={() => ask("recall")}>
              {t.recall}
            </button>
          </>
        )}
        {answers.map((k, i) => (
          <button
            key={k}
            type="button"
            className={i === 0 || k === "outcome" ? "main" : ""}
            onClick={() => (k === "receipt" ? void props.run(() => desk.say(r.id, k, "")) : ask(k))}
          >
            {wordOf(t, "say", k)}
          </button>
        ))}
        {r.direction === "received" && r.state === "sealed" && session.may("carry") && (
          <button type="button" className="quiet" onClick={() => void props.run(() => desk.check(r.id))}>
            {t.checkNews}
          </button>
        )}
      </div>
      {r.state === "draft" && <p className="hint">{fill(t.needsSecond, { name: r.drafted.by.name })}</p>}
      {open && (
        <form
          className="row"
          onSubmit={(e) => {
            e.preventDefault();
            finish();
          }}
        >
          <input
            autoFocus
            required={needed}
            maxLength={3500}
            value={text}
            aria-label={open === "recall" ? t.recallReason : t.sayPlaceholder}
            placeholder={open === "recall" ? t.recallReason : t.sayPlaceholder}
            onChange={(e) => setText(e.target.value)}
          />
          <button type="submit" className="main">
            {t.send}
          </button>
          <button type="button" className="quiet" onClick={() => setOpen(null)}>
            {t.cancel}
          </button>
        </form>
      )}
    </>
  );
}

