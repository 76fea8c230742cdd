import { api } from "./api.ts";
import { clockFault } from "./clocks.ts";
import { useBeat, usePage } from "./context.ts";
import { clockLocal, clockUtc, dateUtc } from "./format.ts";
import { dictionaries, type Lang, wordOf } from "./i18n.ts";
import { Nav } from "./Nav.tsx";
import type { View } from "./nav.ts";

export function LangSwitch({ setLang }: { setLang: (lang: Lang) => void }) {
  const { lang, t } = usePage();
  return (
    <fieldset className="langs">
      <legend className="hidden">{t.language}</legend>
      {(Object.keys(dictionaries) as Lang[]).map((l) => (
        <button key={l} type="button" lang={l} aria-pressed={l === lang} onClick={() => setLang(l)}>
          {l.toUpperCase()}
        </button>
      ))}
    </fieldset>
  );
}

/** Who speaks, under which authority, and whether what is seen is now. */
export function Header(props: {
  view: View;
  name: string;
  rename: (name: string) => void;
  setLang: (lang: Lang) => void;
  help: () => void;
}) {
  const { session, state, t, lang } = usePage();
  useBeat(1000);
  const op = state.operation;
  const a = op?.authority;
  const now = Date.now() * 1000;
  const event = session.eventNow();
  const over = a?.valid_until_us != null && event > a.valid_until_us;
  const early = a?.valid_from_us != null && event < a.valid_from_us;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <header className="header">
      <h1>
        <span className="brand">Atalaya</span> <span title={op?.name}>{op?.name}</span>
      </h1>
      <Nav view={props.view} />
      {op?.simulated && <strong className="badge simulated">{t.simulated}</strong>}
      {a && (
        <div
          className={over || early ? "authority bad" : "authority"}
          title={`${a.legal_basis} · ${a.purpose}`}
        >
          <small>{over ? t.authorityOver : early ? t.authorityNotYet : t.authority}</small>
          <span>
            {a.issuer} · {a.reference}
            {a.valid_until_us !== null && ` · ${t.until} ${dateUtc(a.valid_until_us)}`}
          </span>
        </div>
      )}
      <ul className="feeds" aria-label={t.feeds}>
        {op?.feeds.map((f) => {
          const s = state.feeds[f.id];
          const word = wordOf(t, "feed", s?.status ?? "waiting");
          const c = state.counts[f.id];
          const gone = c ? c.shed + c.late + c.early : 0;
          // A new run has new clocks.
          const clocks = state.clocks[f.id];
          const faults = clocks && clocks.run === s?.run ? clocks.faults : [];
          const since = s?.status === "stopped" && s.since ? ` ${t.since} ${clockUtc(s.since)}` : "";
          return (
            <li key={f.id} className={`feed ${s?.status ?? "waiting"}`} title={s?.why}>
              <b>{f.id}</b>{" "}
              {/* Where there are many, the green dot says it. */}
              <span className={op.feeds.length > 2 && s?.status === "live" ? "hidden" : ""}>{word}</span>
              {since}
              {faults.length > 0 && (
                <span className="gone" title={faults.map((x) => clockFault(x, t, lang)).join("\n")}>
                  {t.clocksOff}
                </span>
              )}
              {c && gone + c.datagrams_shed > 0 && (
                <span
                  className="gone"
                  title={t.goneWhy
                    .replace("{shed}", String(c.shed))
                    .replace("{late}", String(c.late))
                    .replace("{early}", String(c.early))
                    .replace("{datagrams}", String(c.datagrams_shed))
                    .replace("{frames}", String(c.frames))}
                >
                  <span className="wide">{t.gone.replace("{n}", String(gone))}</span>
                  <span className="narrow">−{gone}</span>
                </span>
              )}
            </li>
          );
        })}
        <li className={`feed link-${state.link}`}>
          {state.link === "connected" ? t.connected : t.connecting}
        </li>
      </ul>
      <dl className="clocks">
        <div>
          <dt>{t.utc}</dt>
          <dd>{clockUtc(now)}</dd>
        </div>
        <div title={zone}>
          <dt>{t.local}</dt>
          <dd>{clockLocal(now)}</dd>
        </div>
      </dl>
      <LangSwitch setLang={props.setLang} />
      {state.me?.verified ? (
        <div className="user">
          <b>{state.me.name}</b>
          <button
            type="button"
            onClick={() => void session.try(() => api.logout().then(() => location.reload()))}
          >
            {t.logout}
          </button>
        </div>
      ) : (
        <label className="user" title={t.unverifiedHint}>
          <span className="hidden">{t.yourName}</span>
          <input
            value={props.name}
            placeholder={t.yourName}
            maxLength={64}
            onChange={(e) => props.rename(e.target.value)}
          />
          <em>{t.unverified}</em>
        </label>
      )}
      <button type="button" className="round" aria-label={t.help} title={t.help} onClick={props.help}>
        ?
      </button>
    </header>
  );
}
