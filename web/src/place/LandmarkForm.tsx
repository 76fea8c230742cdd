import { useEffect, useState } from "react";
import type { LonLat } from "../api.ts";
import { usePage } from "../context.ts";
import { number } from "../format.ts";
import { fill } from "../i18n.ts";
import "./place.css";
import { type LandmarkFit, placeApi } from "./api.ts";

/** What was pointed at in a picture. */
export interface Pointed {
  feed: string;
  time_us: number;
  pixel: [number, number];
}

/** `40.0001, -3.5002`. */
export function readPlace(text: string): LonLat | null {
  const [lat, lon, more] = text.split(/[,;\s]+/).filter((part) => part !== "");
  if (lat === undefined || lon === undefined || more !== undefined) return null;
  const [y, x] = [Number(lat), Number(lon)];
  return Math.abs(y) <= 90 && Math.abs(x) <= 180 ? [x, y] : null;
}

/** A landmark: something in the picture, then its place. */
export function LandmarkForm(props: { pointed: Pointed | null; place: LonLat | null; close: () => void }) {
  const { session, t, lang } = usePage();
  const { pointed, place, close } = props;
  const [text, setText] = useState("");
  const [above, setAbove] = useState("0");
  const [sigma, setSigma] = useState("1");
  const [given, setGiven] = useState<{ feed: string; time: string } | null>(null);
  const [fit, setFit] = useState<LandmarkFit | null>(null);
  useEffect(() => {
    if (place) setText(`${place[1].toFixed(7)}, ${place[0].toFixed(7)}`);
  }, [place]);
  // What it did is known a few pictures later.
  useEffect(() => {
    if (!given) return;
    const ask = () =>
      void placeApi
        .landmarks(given.feed)
        .then((all) => setFit(all.find((f) => f.time === given.time) ?? null))
        .catch(() => {});
    const timer = window.setInterval(ask, 1000);
    return () => window.clearInterval(timer);
  }, [given]);
  const give = () =>
    session.try(async () => {
      const at = readPlace(text);
      if (!at || !pointed) throw new Error(t.landmarkBad);
      const time = new Date(pointed.time_us / 1000).toISOString().replace(/Z$/, `${String(pointed.time_us % 1000).padStart(3, "0")}Z`);
      setFit(null);
      await placeApi.giveLandmark(pointed.feed, {
        time,
        pixel: pointed.pixel,
        lat: at[1],
        lon: at[0],
        above_m: Number(above),
        sigma_m: Number(sigma),
      });
      setGiven({ feed: pointed.feed, time });
    });
  const metres = (m: number | undefined | null) => number(m ?? 0, lang, 1);
  const result =
    fit === null
      ? t.landmarkWaits
      : fit.off_m === null
        ? t.landmarkLost
        : fill(fit.taken ? t.landmarkTaken : t.landmarkRefused, {
            m: metres(fit.off_m),
            before: metres(fit.sigma_m?.[0]),
            after: metres(fit.sigma_m?.[1]),
          });
  return (
    <form
      className="place-panel"
      data-testid="landmark"
      onSubmit={(e) => {
        e.preventDefault();
        void give();
      }}
    >
      <header>
        <b>{pointed ? t.landmarkMap : t.landmarkPicture}</b>
        <button type="button" onClick={close}>
          {t.placeClose}
        </button>
      </header>
      {pointed && (
        <div className="place-fields">
          <label>
            {t.landmarkPlace}
            <input value={text} onChange={(e) => setText(e.target.value)} size={24} />
          </label>
          <label>
            {t.landmarkAbove}
            <input type="number" step="0.1" value={above} onChange={(e) => setAbove(e.target.value)} />
          </label>
          <label>
            {t.landmarkSigma}
            <input type="number" step="0.1" min="0.1" value={sigma} onChange={(e) => setSigma(e.target.value)} />
          </label>
          <button type="submit">{t.landmarkGive}</button>
        </div>
      )}
      {given && <p data-testid="landmark-fit">{result}</p>}
    </form>
  );
}
