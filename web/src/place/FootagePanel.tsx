import { useEffect, useState } from "react";
import { api, type LonLat, parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { clockUtc, number } from "../format.ts";
import { fill } from "../i18n.ts";
import "./place.css";
import { type Footage, type Sight, placeApi } from "./api.ts";

/** Where, as people read it. */
const shown = ([lon, lat]: LonLat) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;

/** Recorded video that saw a place, newest first, with clips to take away. */
export function FootagePanel({ place, close }: { place: LonLat | null; close: () => void }) {
  const { session, t, lang } = usePage();
  const [found, setFound] = useState<Footage[] | null>(null);
  const [still, setStill] = useState<string | null>(null);
  useEffect(() => {
    setFound(null);
    setStill(null);
    if (!place) return;
    void session.try(async () => setFound((await placeApi.footage(place)).stretches));
  }, [place, session]);
  const newest = [...(found ?? [])].sort((a, b) => parseTime(b.to) - parseTime(a.to));
  const detail = (s: Sight) =>
    s.sample_m && s.slant_range_m !== null && s.look_down_deg !== null
      ? fill(t.footageSample, {
          cm: number(s.sample_m[1] * 100, lang),
          m: number(s.slant_range_m, lang),
          deg: number(s.look_down_deg, lang),
        })
      : t.footageUnknown;
  return (
    <div className="place-panel" data-testid="footage" role="region" aria-label={t.footage}>
      <header>
        <b>{place ? fill(t.footageOf, { place: shown(place) }) : t.footagePick}</b>
        <button type="button" onClick={close}>
          {t.placeClose}
        </button>
      </header>
      {found && newest.length === 0 && <p>{t.footageNone}</p>}
      <ul>
        {newest.map((f) => {
          const [from, to, best] = [f.from, f.to, f.best.time].map(parseTime) as [number, number, number];
          const url = api.stillUrl(f.feed, best, 640);
          const wide = still === url;
          return (
            <li key={`${f.run} ${f.feed} ${f.from}`}>
              <button
                type="button"
                className={wide ? "place-still wide" : "place-still"}
                aria-pressed={wide}
                aria-label={`${t.footageStill} ${f.feed} ${clockUtc(best)}Z`}
                onClick={() => setStill(wide ? null : url)}
              >
                {/* The newest picture may not be written yet: nothing is better than a broken sign. */}
                <img
                  src={wide ? url : api.stillUrl(f.feed, best, 160)}
                  alt=""
                  loading="lazy"
                  onError={(e) => e.currentTarget.classList.add("hidden")}
                  onLoad={(e) => e.currentTarget.classList.remove("hidden")}
                />
              </button>
              <span>
                <b>{f.feed}</b> {clockUtc(from)} – {clockUtc(to)}Z
              </span>
              {f.best.p_person !== null && f.best.p_vehicle !== null && (
                <span>
                  {fill(t.footagePerson, { p: number(f.best.p_person * 100, lang) })};{" "}
                  {fill(t.footageVehicle, { p: number(f.best.p_vehicle * 100, lang) })}
                </span>
              )}
              <small>{detail(f.best)}</small>
              <span className="place-acts">
                <a download href={placeApi.clipUrl(f.feed, f.run, from, to)}>
                  {t.footageClip}
                </a>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
