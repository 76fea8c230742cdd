import { aircraftText, type AircraftView } from "./aircraft.ts";
import { usePage } from "./context.ts";
import { clockUtc } from "./format.ts";
import "./aircraft.css";

/** Aircraft by their own word: name, height, battery, and when they said it. */
export function AircraftLegend(props: { all: AircraftView[] }) {
  const { lang } = usePage();
  if (props.all.length === 0) return null;
  return (
    <ul className="aircraft-legend" data-testid="aircraft">
      {props.all.map((a) => (
        <li key={a.id}>
          <b>{aircraftText(a, lang)}</b> <time>{clockUtc(a.t_us)}Z</time>
        </li>
      ))}
    </ul>
  );
}
