import { useState } from "react";
import { api, type Box } from "./api.ts";
import { usePage } from "./context.ts";

/** A picture of a past moment; the box is drawn in source pixels over it. */
export function Still(props: { feed: string; t: number; width: number; box?: Box | null; label?: string }) {
  const { session, t } = usePage();
  const [missing, setMissing] = useState(false);
  const size = session.frames.get(props.feed);
  if (missing) return <span className="still missing">{t.noStill}</span>;
  const box = props.box;
  return (
    <span className="still">
      <img
        src={api.stillUrl(props.feed, props.t, props.width)}
        alt={props.label ?? ""}
        loading="lazy"
        onError={() => setMissing(true)}
      />
      {box && size && (
        <svg viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
          <rect x={box.x} y={box.y} width={box.w} height={box.h} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </span>
  );
}
