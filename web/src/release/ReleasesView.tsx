import { useCallback, useEffect, useState } from "react";
import { parseTime } from "../api.ts";
import { useBeat, usePage } from "../context.ts";
import { dateUtc } from "../format.ts";
import { fill, wordOf } from "../i18n.ts";
import { hashOf } from "../nav.ts";
import { type Board, desk, type ReleaseView, type Side, STATIONS } from "./api.ts";
import { PartnersPanel } from "./PartnersPanel.tsx";
import { duration } from "./parts.tsx";
import { ReleasePanel } from "./ReleasePanel.tsx";

/** How often the board asks again. */
const EVERY_MS = 4000;

/** Every release of both directions, with its clock. */
export function ReleasesView({ selected }: { selected: string }) {
  const { session, t } = usePage();
  const [board, setBoard] = useState<Board | null>(null);
  const load = useCallback(
    () => session.try(async () => setBoard(await desk.board())),
    [session],
  );
  const mayBoard = session.may("board");
  useEffect(() => {
    if (!mayBoard) return;
    void load();
    // A failure is shown once, by the first load; later ones come back by themselves.
    const timer = window.setInterval(() => void desk.board().then(setBoard, () => {}), EVERY_MS);
    return () => window.clearInterval(timer);
  }, [load, mayBoard]);
  if (!mayBoard) {
    // An administrator: keys, and nothing of what was released.
    return (
      <main className="desk" aria-label={t.releases}>
        <div className="board">
          <PartnersPanel changed={async () => {}} />
        </div>
      </main>
    );
  }
  if (!board) return <main className="desk" />;
  const one = board.releases.find((r) => r.release.id === selected);
  return (
    <main className="desk" aria-label={t.releases}>
      <div className="board">
        <div className="sides">
          <SideCard title={t.sentSide} side={board.sent} />
          <SideCard title={t.receivedSide} side={board.received} />
        </div>
        <section className="panel release-list" aria-label={t.releases}>
          <div className="panel-head">
            <h2>{t.releases}</h2>
          </div>
          {board.releases.length === 0 && (
            <div className="empty">
              <p>{t.noReleases}</p>
              <p>{t.noReleasesHint}</p>
            </div>
          )}
          <ul className="scroll">
            {board.releases.map((r) => (
              <ReleaseRow key={r.release.id} view={r} current={r === one} now={board.now_us} />
            ))}
          </ul>
        </section>
        <PartnersPanel changed={load} />
      </div>
      {one ? (
        <ReleasePanel key={one.release.id} view={one} changed={load} />
      ) : (
        <section className="panel release-one">
          <p className="empty">{t.selectRelease}</p>
        </section>
      )}
    </main>
  );
}

function SideCard({ title, side }: { title: string; side: Side }) {
  const { lang, t } = usePage();
  return (
    <section className="panel side-card" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <span className="hint">
          {side.under_way} {t.underWay}
        </span>
        {side.overdue > 0 && (
          <strong className="late">
            {side.overdue} {t.overdue}
          </strong>
        )}
      </div>
      <ol className="stations">
        {side.times.map((s) => (
          <li key={s.station} data-station={s.station} className={s.n > 0 ? "reached" : ""}>
            <span>{wordOf(t, "station", s.station)}</span>
            <b>{duration(s.median_s, lang)}</b>
            <small>
              {t.p90} {duration(s.p90_s, lang)} · n {s.n}
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
}

function ReleaseRow({ view, current, now }: { view: ReleaseView; current: boolean; now: number }) {
  const { lang, t } = usePage();
  useBeat(5000);
  const { release: r, clock } = view;
  const sent = r.direction === "sent";
  const sealed = clock.sealed_us;
  return (
    <li>
      <a
        className={`release ${clock.overdue_us ? "is-late" : ""}`}
        href={hashOf("releases", r.id)}
        aria-current={current ? "true" : undefined}
        data-id={r.id}
      >
        <span className="release-top">
          <span className={`arrow ${r.direction}`} role="img" aria-label={sent ? t.sentSide : t.receivedSide}>
            {sent ? "↗" : "↙"}
          </span>
          <b>{r.title || t.contentGone}</b>
          <span className={`rchip st-${r.state}`}>{wordOf(t, "rstate", r.state)}</span>
        </span>
        <span className="release-mid">
          {sent ? `${t.to} ${r.to}` : `${t.from} ${r.from}`} · {dateUtc(parseTime(r.drafted.at))}
        </span>
        <span className="track-line" aria-hidden={sealed === null}>
          {STATIONS.map((s) => {
            const at = clock[`${s}_us`];
            return (
              <span key={s} className={at === null ? "dot" : "dot on"} title={at === null ? "" : dateUtc(at)}>
                <i />
                {wordOf(t, "station", s)}
                <small>
                  {at === null || sealed === null ? " " : duration(Math.max(0, at - sealed) / 1e6, lang)}
                </small>
              </span>
            );
          })}
        </span>
        {clock.overdue_us !== null && (
          <span className="late">
            {fill(t.overdueSince, { t: duration((now - clock.overdue_us) / 1e6, lang) })}
          </span>
        )}
      </a>
    </li>
  );
}
