import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { AlertList } from "./AlertList.tsx";
import { type ActKind, api, setTypedName } from "./api.ts";
import { PageContext } from "./context.ts";
import { Detail, type Draft } from "./Detail.tsx";
import { DocumentsView } from "./documents/DocumentsView.tsx";
import { EventDetail } from "./event/EventDetail.tsx";
import { Header } from "./Header.tsx";
import { Help } from "./Help.tsx";
import { chooseLang, dictionaries, fill, type Lang } from "./i18n.ts";
import { Login } from "./Login.tsx";
import { useView, viewsFor } from "./nav.ts";
import { NetworkView } from "./network/NetworkView.tsx";
import { AuditView } from "./release/AuditView.tsx";
import { ReleasesView } from "./release/ReleasesView.tsx";
import { RulesView } from "./rules/RulesView.tsx";
import { Scene } from "./Scene.tsx";
import { Session } from "./session.ts";
import { Guide } from "./story/Guide.tsx";
import { Timeline } from "./Timeline.tsx";
import { eventKey } from "./visits.ts";
import { WatchLog } from "./WatchLog.tsx";

const LANG_KEY = "atalaya.lang";
const NAME_KEY = "atalaya.name";

export function App() {
  const session = useMemo(() => new Session(), []);
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  const [lang, setLang] = useState<Lang>(() =>
    chooseLang(localStorage.getItem(LANG_KEY), navigator.languages),
  );
  const [name, setName] = useState(() => localStorage.getItem(NAME_KEY) ?? "");
  const [openOnly, setOpenOnly] = useState(true);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [help, setHelp] = useState(false);
  const [follow, setFollow] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const [asked, rest] = useView();
  // Without the role for it, the first view that there is one for.
  const allowed = viewsFor(state.me?.may ?? []);
  const view = allowed.includes(asked) ? asked : (allowed[0] ?? "watch");
  const t = dictionaries[lang];

  useEffect(() => {
    void session.start(localStorage.getItem(NAME_KEY) ?? "");
    return () => session.close();
  }, [session]);

  useEffect(() => {
    document.documentElement.lang = lang;
    localStorage.setItem(LANG_KEY, lang);
  }, [lang]);

  const shown = useMemo(
    () => state.alerts.filter((a) => !openOnly || a.alert.state === "open" || a.key === state.selectedAlert),
    [state.alerts, state.selectedAlert, openOnly],
  );

  const select = useCallback(
    (key: string | null) => {
      setDraft(null);
      session.set({ selectedAlert: key, selectedEvent: null });
    },
    [session],
  );

  const event = state.events.find((e) => eventKey(e) === state.selectedEvent);

  const act = useCallback(
    async (kind: ActKind, text: string) => {
      const key = session.state.selectedAlert;
      if (!key) return;
      const done = await session.try(async () => session.putAlert(await api.act(key, kind, text)));
      if (done) setDraft(null);
    },
    [session],
  );

  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (e.key === "Escape") {
        setHelp(false);
        setDraft(null);
        session.set({ mergeInto: null, selectedEvent: null });
        target.blur();
        return;
      }
      if (typing || e.ctrlKey || e.metaKey || e.altKey || session.state.me?.login_needed) return;
      // The keys are those of the watch.
      if (view !== "watch") return;
      const at = shown.findIndex((a) => a.key === session.state.selectedAlert);
      const selected = shown[at];
      const go = (to: number) => {
        const next = shown[Math.min(Math.max(to, 0), shown.length - 1)];
        if (next) select(next.key);
      };
      const actions: Record<string, () => void> = {
        j: () => go(at + 1),
        k: () => go(at < 0 ? 0 : at - 1),
        a: () => void act("acknowledge", ""),
        d: () => void act("close", ""),
        r: () => selected && setDraft({ act: "reject", text: "" }),
        c: () => selected && setDraft({ act: "comment", text: "" }),
        n: () => noteField.current?.focus(),
        f: () => setFollow((on) => !on),
        "?": () => setHelp((on) => !on),
      };
      const action = actions[e.key];
      if (action) {
        e.preventDefault();
        action();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [session, shown, select, act, view]);

  const page = useMemo(() => ({ session, lang, t }), [session, lang, t]);
  const rename = (value: string) => {
    setName(value);
    localStorage.setItem(NAME_KEY, value);
    setTypedName(value);
  };

  if (state.me?.login_needed) {
    return (
      <PageContext value={page}>
        <Login setLang={setLang} />
      </PageContext>
    );
  }
  return (
    <PageContext value={page}>
      <div className="page">
        <Header view={view} name={name} rename={rename} setLang={setLang} help={() => setHelp(true)} />
        {state.link === "lost" && (
          <p className="banner bad" role="alert">
            {t.reconnecting}
          </p>
        )}
        {state.failure && (
          <p className="banner bad" role="alert">
            {fill(t.failed, { why: state.failure })}
            <button type="button" onClick={() => session.set({ failure: null })}>
              {t.dismiss}
            </button>
          </p>
        )}
        {state.lost > 0 && (
          <p className="banner" role="status">
            {fill(t.lost, { n: state.lost })}
            <button type="button" onClick={() => session.set({ lost: 0 })}>
              {t.dismiss}
            </button>
          </p>
        )}
        <main className="columns" hidden={view !== "watch"}>
          <AlertList
            alerts={shown}
            openOnly={openOnly}
            setOpenOnly={setOpenOnly}
            select={select}
            act={act}
            reject={(key) => {
              select(key);
              setDraft({ act: "reject", text: "" });
            }}
          />
          <div className="centre">
            {state.operation && allowed.includes("watch") && (
              <Scene operation={state.operation} follow={follow} setFollow={setFollow} />
            )}
            <Timeline select={select} />
          </div>
          <div className="side">
            {event ? (
              <EventDetail key={eventKey(event)} view={event} close={() => session.set({ selectedEvent: null })} />
            ) : (
              <Detail draft={draft} setDraft={setDraft} act={act} />
            )}
            <WatchLog field={noteField} />
          </div>
        </main>
        {view === "rules" && <RulesView />}
        {view === "network" && <NetworkView />}
        {view === "documents" && <DocumentsView selected={rest} />}
        {view === "releases" && <ReleasesView selected={rest} />}
        {view === "audit" && <AuditView />}
        <Guide />
        {help && <Help close={() => setHelp(false)} />}
      </div>
    </PageContext>
  );
}
