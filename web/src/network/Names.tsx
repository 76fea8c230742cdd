import { useState } from "react";
import { usePage } from "../context.ts";
import { number } from "../format.ts";
import { fill } from "../i18n.ts";
import { type NamePair, net, type Verdict } from "./api.ts";

/** Pairs shown before one asks for more. */
const FIRST = 5;
const VERDICTS: Verdict[] = ["same", "distinct", "undecided"];

/** Names that may be one: a score of the spelling, and a person's judgement. */
export function Names(props: {
  pairs: NamePair[];
  all: number;
  choose: (nodes: string[]) => void;
  changed: () => Promise<void>;
}) {
  const { session, lang, t } = usePage();
  const [more, setMore] = useState(false);
  if (props.pairs.length === 0) return null;
  const judge = async (p: NamePair, verdict: Verdict) => {
    const why = fill(t.netNameReason, { p: Math.round(100 * p.score) });
    const done = await session.try(async () => void (await net.judge(p.left, p.right, verdict, why)));
    if (done) await props.changed();
  };
  return (
    <section className="names" aria-label={t.netNames}>
      <h3>
        {t.netNames} <small>{number(props.all, lang)}</small>
      </h3>
      <p className="hint">{t.netNamesHint}</p>
      <ul>
        {props.pairs.slice(0, more ? undefined : FIRST).map((p) => (
          <li key={`${p.left} ${p.right}`}>
            <button type="button" className="link" onClick={() => props.choose([p.left, p.right])}>
              {p.left_name} · {p.right_name}
            </button>
            <span className="score">
              <b>{Math.round(100 * p.score)} %</b>
            </span>
            {session.may("note") && (
              <span className="row">
                {VERDICTS.map((v) => (
                  <button key={v} type="button" onClick={() => void judge(p, v)}>
                    {t[`verdict_${v}`]}
                  </button>
                ))}
              </span>
            )}
          </li>
        ))}
      </ul>
      {!more && props.pairs.length > FIRST && (
        <button type="button" className="link" onClick={() => setMore(true)}>
          {t.netMore}
        </button>
      )}
    </section>
  );
}
