import { useEffect, useMemo, useRef, useState } from "react";
import { api, type LiveFrame, type LonLat, type Operation } from "./api.ts";
import { useBeat, usePage } from "./context.ts";
import { AircraftLegend } from "./AircraftLegend.tsx";
import { EmissionLegend } from "./EmissionLegend.tsx";
import { recentCues } from "./emission.ts";
import { type FlightView, flights } from "./flight.ts";
import { clockUtc } from "./format.ts";
import { UnfitGeoTiff } from "./geotiff.ts";
import { fill, wordOf } from "./i18n.ts";
import { MapView } from "./mapview.ts";
import { FootagePanel } from "./place/FootagePanel.tsx";
import { LandmarkForm, type Pointed } from "./place/LandmarkForm.tsx";
import { type Drawn, Player } from "./player.ts";
import { TrackPanel } from "./TrackPanel.tsx";
import { zonesIn } from "./zones.ts";

/** What tests and curious people may look at in the console. */
interface Hook {
  drawn: Drawn | null;
  map: { frames: number; drapedPts: number | null } | null;
  link: string;
}

declare global {
  interface Window {
    __atalaya?: Hook;
  }
}

/** Video and map side by side, always of the same frame. */
export function Scene(props: { operation: Operation; follow: boolean; setFollow: (on: boolean) => void }) {
  const { session, state, t } = usePage();
  const { operation } = props;
  const cameras = operation.feeds.filter((f) => f.sensor === "eo" || f.sensor === "ir");
  const [feed, setFeed] = useState(cameras[0]?.id ?? "");
  const [gas, setGas] = useState(true);
  const [drape, setDrape] = useState(true);
  const [zones, setZones] = useState(true);
  const [backgrounds, setBackgrounds] = useState<string[]>([]);
  const [background, setBackground] = useState("");
  const [planned, setPlanned] = useState<FlightView[]>([]);
  const [noMap, setNoMap] = useState(false);
  // What a click means just now.
  const [asking, setAsking] = useState<"footage" | "landmark" | null>(null);
  const [asked, setAsked] = useState<LonLat | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const boxes = useRef<HTMLCanvasElement>(null);
  const mapBox = useRef<HTMLDivElement>(null);
  const player = useRef<Player | null>(null);
  const view = useRef<MapView | null>(null);
  const { setFollow } = props;
  useBeat(500);

  // The player and the map live as long as the feed is chosen.
  useEffect(() => {
    if (!picture.current || !boxes.current || !mapBox.current) return;
    const p = new Player(picture.current, boxes.current);
    player.current = p;
    let m: MapView | null = null;
    try {
      m = new MapView(mapBox.current, operation, picture.current, { noLook: "", aircraft: "" });
      m.onTrack = (name) => session.selectTrack(name);
      m.onMoved = () => setFollow(false);
    } catch {
      setNoMap(true);
    }
    view.current = m;
    const hook: Hook = { drawn: null, map: m?.drawn ?? null, link: "" };
    window.__atalaya = hook;
    let shownAt = 0;
    const show = (frame: LiveFrame) => {
      // Outlines and tails need not be drawn more often than eyes follow.
      if (performance.now() - shownAt < 120) return;
      shownAt = performance.now();
      m?.show(frame, session.tails);
    };
    p.onDrawn = (drawn) => {
      hook.drawn = drawn;
      const { frame, kind } = drawn.overlay;
      if (!frame || kind !== "exact") return;
      // The map shows the moment of the picture: tracks lie on their picture there, too.
      m?.showPicture(frame);
      show(frame);
    };
    session.onCodec = (of, codec) => of === feed && p.setCodec(codec);
    session.onPicture = (of, coded) => of === feed && p.addPicture(coded);
    session.onInterrupted = () => p.interrupted();
    session.onFrame = (frame: LiveFrame) => {
      if (frame.feed !== feed) return;
      p.addAnalysis(frame);
      // Without pictures the map goes by the analysis alone.
      if (performance.now() - shownAt > 1000) show(frame);
    };
    return () => {
      session.onCodec = session.onPicture = session.onFrame = session.onInterrupted = () => {};
      p.close();
      m?.close();
      player.current = view.current = null;
    };
  }, [session, operation, feed, setFollow]);

  useEffect(() => {
    void api
      .backgrounds()
      .then((list) => setBackgrounds(list.map((b) => b.name)))
      .catch(() => setBackgrounds([]));
  }, []);

  // Plans are made and changed while one looks, though seldom.
  useEffect(() => {
    const ask = () =>
      void flights()
        .then((all) => setPlanned((old) => (JSON.stringify(old) === JSON.stringify(all) ? old : all)))
        .catch(() => {});
    ask();
    const timer = window.setInterval(ask, 4000);
    return () => window.clearInterval(timer);
  }, []);

  useEffect(() => {
    if (state.fit === null || (state.fit === "flight" && planned.length === 0)) return;
    view.current?.fit(state.fit === "flight" ? planned : []);
    session.set({ fit: null });
  }, [session, state.fit, planned]);

  // The likeliest source is drawn; the legend tells of all.
  const views = Object.values(state.emissions).sort((a, b) => b.p - a.p);
  useEffect(() => {
    const m = view.current;
    if (!m) return;
    m.words = { noLook: t.noLook, aircraft: t.aircraft };
    m.follow = props.follow;
    m.drape = drape;
    m.selected = state.selectedTrack;
    m.emission.show(views[0] ?? null, gas);
    m.flight.show(planned);
    m.aircraft.show(Object.values(state.aircraft));
    m.emission.showCues(
      recentCues(
        state.events.map((e) => e.event),
        session.eventNow(),
      ),
    );
    m.onPlace = asking ? setAsked : null;
    m.update();
  });
  const ask = (what: typeof asking) => {
    setAsked(null);
    setPointed(null);
    setAsking(asking === what ? null : what);
  };
  useEffect(() => {
    if (!player.current) return;
    player.current.selected = state.selectedTrack;
    player.current.redraw();
  }, [state.selectedTrack]);
  useEffect(() => {
    if (!player.current) return;
    player.current.zones = (frame) => (zones && frame.feed === feed ? zonesIn(frame, operation) : []);
    player.current.redraw();
  }, [zones, operation, feed]);
  useEffect(() => {
    void session.try(async () => {
      try {
        await view.current?.setBackground(background || null);
      } catch (e) {
        throw e instanceof UnfitGeoTiff ? new Error(fill(t.unfitTiff, { why: e.message })) : e;
      }
    });
    // Another feed has a map of its own.
  }, [background, feed, session, t]);

  const alert = state.alerts.find((a) => a.key === state.selectedAlert)?.alert;
  const place = useMemo<[number, number] | null>(
    () => (alert && alert.lon !== null && alert.lat !== null ? [alert.lon, alert.lat] : null),
    [alert],
  );
  useEffect(() => view.current?.showAlert(place, false), [place]);
  useEffect(() => view.current?.showPlace(asked), [asked]);

  const p = player.current;
  const last = session.frames.get(feed);
  const drawn = p?.drawn ?? null;
  const silent = p ? p.stepper.isLate(performance.now()) : true;
  const status = state.feeds[feed];
  const refused = status?.status === "refused" ? (status.why ?? "") : null;
  const stale = state.link !== "connected" || status?.status === "stopped" || refused !== null;
  const step = !drawn || stale ? "none" : drawn.overlay.kind === "late" || silent ? "late" : "exact";
  return (
    <div className="views">
      <section className="panel video" aria-label={t.video}>
        <div className="panel-head">
          <h2>{t.video}</h2>
          {cameras.length > 1 && (
            <div className="switch">
              {cameras.map((f) => (
                <button key={f.id} type="button" aria-pressed={f.id === feed} onClick={() => setFeed(f.id)}>
                  {f.id}
                </button>
              ))}
            </div>
          )}
          {operation.zones.length > 0 && (
            <button type="button" aria-pressed={zones} onClick={() => setZones(!zones)}>
              {t.zones}
            </button>
          )}
          <button type="button" aria-pressed={asking === "landmark"} onClick={() => ask("landmark")}>
            {t.landmark}
          </button>
          <span className={`step ${step}`}>
            {step === "exact" ? t.inStep : step === "late" ? t.analysisLate : t.noVideo}
          </span>
          {last && <time>{clockUtc(last.t_us)}Z</time>}
        </div>
        <div className={`stage ${stale ? "stale" : ""} ${asking === "landmark" ? "pointing" : ""}`}>
          <canvas
            ref={picture}
            width={1280}
            height={720}
            data-testid="video"
            aria-label={`${t.video} ${feed}`}
          />
          <canvas
            ref={boxes}
            width={1280}
            height={720}
            className="boxes"
            data-testid="boxes"
            onClick={(e) => {
              const rect = e.currentTarget.getBoundingClientRect();
              if (asking === "landmark") {
                const pixel = p?.pixelAt(e.clientX - rect.left, e.clientY - rect.top)?.pixel;
                const frame = p?.drawn?.overlay.frame;
                if (pixel && frame) setPointed({ feed, time_us: frame.t_us, pixel });
                return;
              }
              session.selectTrack(p?.trackAt(e.clientX - rect.left, e.clientY - rect.top) ?? null);
            }}
          />
          {p?.problem && (
            <p className="over">
              {p.problem.kind === "codec" ? fill(t.noCodec, { codec: p.problem.codec }) : t.insecure}
            </p>
          )}
          {refused && (
            <p className="over" data-testid="refused">
              {fill(t.refusedFeed, { why: wordOf(t, "refusal", refused) })}
            </p>
          )}
          {last?.masked != null && last.masked > 0 && (
            <p className="over masked" data-testid="masked">
              {last.masked < 1 && <i aria-hidden="true" />}
              {last.masked < 1 ? t.masked : t.withheld}
            </p>
          )}
          {asking === "landmark" && <LandmarkForm pointed={pointed} place={asked} close={() => ask(null)} />}
          {last && !last.coverage.tracking && <p className="over corner">{t.notTracking}</p>}
        </div>
      </section>
      <section className="panel mapping" aria-label={t.map}>
        <div className="panel-head">
          <h2>{t.map}</h2>
          <button type="button" aria-pressed={props.follow} onClick={() => props.setFollow(!props.follow)}>
            {t.follow}
          </button>
          <button type="button" aria-pressed={drape} onClick={() => setDrape(!drape)}>
            {t.drape}
          </button>
          <button type="button" aria-pressed={asking === "footage"} onClick={() => ask("footage")}>
            {t.footage}
          </button>
          {views.length > 0 && (
            <button type="button" aria-pressed={gas} onClick={() => setGas(!gas)}>
              {t.gas}
            </button>
          )}
          <button type="button" onClick={() => view.current?.fit([])}>
            {t.fit}
          </button>
          {planned.length > 0 && (
            <button type="button" onClick={() => view.current?.fit(planned)}>
              {t.fitFlight}
            </button>
          )}
          {place && (
            <button type="button" onClick={() => view.current?.showAlert(place, true)}>
              {t.showOnMap}
            </button>
          )}
          {backgrounds.length > 0 && (
            <select
              aria-label={t.background}
              value={background}
              onChange={(e) => setBackground(e.target.value)}
            >
              <option value="">{t.backgroundNone}</option>
              {backgrounds.map((b) => (
                <option key={b}>{b}</option>
              ))}
            </select>
          )}
        </div>
        {/* The map has no text of its own: its objects are listed in the other panels. */}
        <div
          className={asking ? "map pointing" : "map"}
          ref={mapBox}
          data-testid="map"
          role="application"
          aria-label={t.map}
        >
          {asking === "footage" && <FootagePanel place={asked} close={() => ask(null)} />}
          {noMap && <p className="over">{t.noMap}</p>}
          <div className="map-legends">
            {gas && <EmissionLegend views={views} />}
            <AircraftLegend all={Object.values(state.aircraft)} planned={planned} />
          </div>
        </div>
        <small className="credit">{t.naturalEarth}</small>
      </section>
      <TrackPanel shownAt={() => player.current?.drawn?.overlay.frame?.t_us ?? session.eventNow()} />
    </div>
  );
}
