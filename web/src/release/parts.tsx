import type { ReactNode } from "react";
import { type Author, parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { clockUtc, dateUtc } from "../format.ts";
import type { Done } from "./api.ts";

/** A person, and whether anybody has proved the name. */
export function Who({ by }: { by: Author }) {
  const { t } = usePage();
  return (
    <>
      <b>{by.name}</b>
      {!by.verified && <em className="unproved"> ({t.unverified})</em>}
    </>
  );
}

/** What somebody did, and when. */
export function Step({ done, what, children }: { done: Done; what: string; children?: ReactNode }) {
  const us = parseTime(done.at);
  return (
    <li>
      <time dateTime={done.at} title={dateUtc(us)}>
        {clockUtc(us)}Z
      </time>
      <span>
        <i>{what}</i> · <Who by={done.by} />
        {children}
      </span>
    </li>
  );
}

/** `40 s`, `12 min`, `3.5 h`, `2.1 d`. */
export function duration(s: number | null, lang: string): string {
  if (s === null) return "–";
  const say = (v: number, unit: string) =>
    `${v.toLocaleString(lang, { maximumFractionDigits: v < 10 && unit !== "s" ? 1 : 0 })} ${unit}`;
  if (s < 90) return say(s, "s");
  if (s < 5400) return say(s / 60, "min");
  if (s < 129_600) return say(s / 3600, "h");
  return say(s / 86_400, "d");
}
