import { usePage } from "./context.ts";
import { emissionText, type EmissionView } from "./emission.ts";
import { clockUtc } from "./format.ts";

/** What the heat on the map means, in a line for each gas feed. */
export function EmissionLegend(props: { views: EmissionView[] }) {
  const { lang, t } = usePage();
  if (props.views.length === 0) return null;
  return (
    <ul className="emission-legend" data-testid="emission">
      {props.views.map((v) => (
        <li key={v.feed}>
          <i aria-hidden="true" />
          <span>
            <b>{emissionText(v, t, lang)}</b> <small>{t.gasRegions}</small>{" "}
            <time>{clockUtc(v.t_us)}Z</time>
          </span>
        </li>
      ))}
    </ul>
  );
}
