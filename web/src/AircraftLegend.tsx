import { aircraftText, type AircraftView } from "./aircraft.ts";
import { usePage } from "./context.ts";
import type { FlightView } from "./flight.ts";
import { clockUtc, number } from "./format.ts";
import { fill } from "./i18n.ts";
import "./aircraft.css";

/** Aircraft by their own word: name, height, battery, and when they said it; and what was proven of their plans. */
export function AircraftLegend(props: { all: AircraftView[]; planned: FlightView[] }) {
  const { lang, t } = usePage();
  if (props.all.length + props.planned.length === 0) return null;
  const metres = (v: number | null | undefined) => number(Math.round(v ?? 0), lang);
  return (
    <ul className="aircraft-legend" data-testid="aircraft">
      {props.all.map((a) => (
        <li key={a.id}>
          <b>{aircraftText(a, lang)}</b> <time>{clockUtc(a.t_us)}Z</time>
        </li>
      ))}
      {props.planned.map((f) => (
        <li key={f.plan} className={f.certified ? "plan" : "plan refused"} title={f.refusal ?? f.plan_sha256}>
          {f.certified
            ? fill(t.flightCertified, {
                radius: metres(f.orbit?.radius_m),
                fence: metres(f.fence_margin_m),
                terrain: metres(f.terrain_margin_m),
              })
            : t.flightRefused}
        </li>
      ))}
    </ul>
  );
}
