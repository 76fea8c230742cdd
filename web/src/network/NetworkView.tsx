import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { parseTime } from "../api.ts";
import { usePage } from "../context.ts";
import { dateUtc, number } from "../format.ts";
import { fill, wordOf } from "../i18n.ts";
import { Who } from "../release/parts.tsx";
import { Still } from "../Still.tsx";
import { brought, type NetLink, type NetNode, type NetworkAnswer, type NetImport, nameOf, net, type Shown, shownAs } from "./api.ts";
import { Drawing } from "./Drawing.tsx";
import { Imports } from "./Imports.tsx";
import { Judging } from "./Judging.tsx";
import { MOST_DRAWN } from "./layout.ts";
import { Names } from "./Names.tsx";
import "./network.css";

const KINDS: Shown[] = ["visit", "route", "meeting", "imported"];
const NODE_KINDS = ["vehicle", "place", "organisation", "person", "thing"] as const;
/** Rows of the list of who holds the network together. */
const LEADING = 8;
/** Pictures shown of a link. */
const PICTURES = 6;

/** What is chosen: up to two nodes by id, or a link. */
export interface Chosen {
  nodes: string[];
  link: { a: string; b: string; kind: string; import: number | null } | null;
}

/** For the analyst: who was where with whom, why we say so, and what would break it. */
export function NetworkView() {
  const { session, lang, t } = usePage();
  const [answer, setAnswer] = useState<NetworkAnswer | null>(null);
  const [until, setUntil] = useState<number | null>(null);
  const [kinds, setKinds] = useState<Shown[]>([...KINDS]);
  const [chosen, setChosen] = useState<Chosen>({ nodes: [], link: null });

  const asked = useRef(0);
  const load = useCallback(async () => {
    const turn = ++asked.current;
    await session.try(async () => {
      const next = await net.network(until);
      if (turn === asked.current) setAnswer(next);
    });
  }, [session, until]);
  useEffect(() => {
    const timer = window.setTimeout(() => void load(), 120);
    // It grows while one looks at it.
    const again = until === null ? window.setInterval(() => void load(), 10_000) : undefined;
    return () => {
      window.clearTimeout(timer);
      window.clearInterval(again);
    };
  }, [load, until]);

  const network = answer?.network;
  const links = useMemo(() => network?.links.filter((l) => kinds.includes(shownAs(l))) ?? [], [network, kinds]);
  const names = useMemo(() => new Map(network?.nodes.map((n) => [n.id, nameOf(n, t)])), [network, t]);
  const nodeOf = (id: string) => network?.nodes.find((n) => n.id === id);
  const picked = chosen.nodes.map(nodeOf).filter((n): n is NetNode => n !== undefined);
  const link = chosen.link && linkOf(network?.nodes ?? [], links, chosen.link);
  const extent = network?.extent;

  return (
    <main className="desk network" aria-label={t.netTitle}>
      <section className="panel graph">
        <div className="panel-head">
          <h2>{t.netTitle}</h2>
          <span className="hint">{t.netHint}</span>
          <span className="net-files">
            {(["graphml", "ftm", "csv"] as const).map((f) => (
              <a key={f} className="button" href={net.exportUrl(f, until)} download>
                {t[`netExport_${f}`]}
              </a>
            ))}
          </span>
        </div>
        <div className="net-tools">
          {extent && extent[1] > extent[0] && (
            <label>
              {t.netUntil}
              <input
                type="range"
                min={0}
                max={1000}
                value={until === null ? 1000 : Math.round((1000 * (until - extent[0])) / (extent[1] - extent[0]))}
                onChange={(e) => {
                  const share = Number(e.target.value) / 1000;
                  setUntil(share >= 1 ? null : extent[0] + share * (extent[1] - extent[0]));
                }}
              />
              <output>{until === null ? t.netAll : dateUtc(until)}</output>
            </label>
          )}
          <fieldset>
            <legend>{t.netKinds}</legend>
            {KINDS.map((k) => (
              <label key={k} className={`kind-${k}`}>
                <input
                  type="checkbox"
                  checked={kinds.includes(k)}
                  onChange={() =>
                    setKinds((shown) => (shown.includes(k) ? shown.filter((s) => s !== k) : [...shown, k]))
                  }
                />
                {t[`link_${k}`]}
              </label>
            ))}
          </fieldset>
          {network && (
            <span className="hint counts">
              {NODE_KINDS.map((k) => [k, network.nodes.filter((n) => n.kind === k).length] as const)
                .filter(([, n]) => n > 0)
                .map(([k, n]) => `${number(n, lang)} ${t[`netCount_${k}`]}`)
                .join(" · ")}{" "}
              ·{" "}
              {number(links.length, lang)} {t.netLinks} · {number(network.anonymous, lang)} {t.netPasses}
            </span>
          )}
        </div>
        {answer?.cut && <p className="hint">{t.netCut}</p>}
        {network?.nodes.length === 0 && <p className="empty">{t.netEmpty}</p>}
        {network && network.nodes.length > MOST_DRAWN && (
          <p className="empty">{fill(t.netMany, { n: number(network.nodes.length, lang) })}</p>
        )}
        {network && network.nodes.length > 0 && network.nodes.length <= MOST_DRAWN && (
          <Drawing nodes={network.nodes} links={network.links} shown={links} chosen={chosen} choose={setChosen} />
        )}
      </section>
      <section className="panel net-side scroll">
        <Selection
          picked={picked}
          link={link ?? null}
          nodes={network?.nodes ?? []}
          imports={answer?.imports ?? []}
        />
        <Judging
          pair={picked.length === 2 && judgeable(picked) ? picked.map((n) => n.id) : null}
          names={names}
          judgements={answer?.judgements ?? []}
          conflicts={network?.conflicts ?? []}
          changed={load}
        />
        <Names
          pairs={network?.pairs ?? []}
          all={network?.all_pairs ?? 0}
          choose={(nodes) => setChosen({ nodes, link: null })}
          changed={load}
        />
        <Imports imports={answer?.imports ?? []} persons={answer?.persons ?? 0} changed={load} />
        {network && network.removal.length > 0 && (
          <>
            <h3>{t.netLeading}</h3>
            <p className="hint">{t.netLeadingHint}</p>
            <ol className="leading">
              {network.removal.slice(0, LEADING).map((v, i) => {
                const node = network.nodes[v];
                return node ? (
                  <li key={node.id}>
                    <button
                      type="button"
                      className="link"
                      onClick={() => setChosen({ nodes: [node.id], link: null })}
                    >
                      {nameOf(node, t)}
                    </button>
                    <Bar share={(network.largest[i] ?? 0) / network.nodes.length} />
                    <small>{number(network.largest[i] ?? 0, lang)}</small>
                  </li>
                ) : null;
              })}
            </ol>
            <p className="hint">
              {t.netArea}: {number(network.area, lang, 3)}
            </p>
          </>
        )}
      </section>
    </main>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <span className="bar" aria-hidden="true">
      <span style={{ width: `${Math.round(100 * share)}%` }} />
    </span>
  );
}

/** Two of a kind may be one; what an import does not say the kind of may be anything. */
function judgeable([a, b]: NetNode[]): boolean {
  return a !== undefined && b !== undefined && (a.kind === b.kind || a.kind === "thing" || b.kind === "thing");
}

function linkOf(nodes: NetNode[], links: NetLink[], at: NonNullable<Chosen["link"]>): NetLink | undefined {
  return links.find(
    (l) =>
      nodes[l.a]?.id === at.a && nodes[l.b]?.id === at.b && l.kind === at.kind && l.import === at.import,
  );
}

/** Whose word it is: the file and who brought it. */
function Source({ n, seen, imports }: { n: number; seen?: boolean; imports: NetImport[] }) {
  const { t } = usePage();
  const from = imports.find((i) => i.n === n);
  return (
    <p className="net-source">
      {seen ? t.netSpokenOf : t.netImported} <b>{from?.name ?? n}</b>
      {from && (
        <>
          {" "}
          · <Who by={from.by} /> {dateUtc(from.at_us)}
        </>
      )}
    </p>
  );
}

/** What is known of what was chosen, down to the pictures. */
function Selection(props: {
  picked: NetNode[];
  link: NetLink | null;
  nodes: NetNode[];
  imports: NetImport[];
}) {
  const { lang, t } = usePage();
  const { link, nodes, picked } = props;
  if (link) {
    const latest = [...link.sightings].reverse();
    return (
      <div className="selection">
        <h3>
          {nameOf(nodes[link.a], t)} – {nameOf(nodes[link.b], t)}
        </h3>
        <p>
          {wordOf(t, "linkKind", link.kind)} · {link.import === null ? t.netSeenTimes : t.netSaidTimes}:{" "}
          {number(link.count, lang)}
        </p>
        {link.import !== null && <Source n={link.import} imports={props.imports} />}
        <ul className="sightings">
          {latest.slice(0, PICTURES).map((s, i) => {
            const seen = s.evidence[0];
            const frame = seen?.frames[0];
            return (
              <li key={`${s.from}-${s.until}-${i}`}>
                {seen && (
                  <Still
                    feed={seen.feed}
                    t={parseTime(frame?.t ?? seen.t0)}
                    width={300}
                    box={frame?.box ?? null}
                  />
                )}
                {s.from === null ? <span className="hint">{t.netNoTime}</span> : <time>{dateUtc(s.from)}</time>}{" "}
                <small>
                  {link.import === null ? "p" : t.netWeight} {number(s.p, lang, 2)}
                </small>
              </li>
            );
          })}
        </ul>
      </div>
    );
  }
  if (picked.length === 0) return <p className="empty">{t.netPick}</p>;
  return (
    <>
      {picked.map((n) => (
        <div className="selection" key={n.id}>
          <h3>{nameOf(n, t)}</h3>
          <p>
            {number(n.degree, lang)} {t.netDegree} · {number(100 * n.betweenness, lang, 1)} % {t.netBetweenness}
          </p>
          <p>{t[`netKind_${n.kind}`]}</p>
          {n.imports.map((i) => (
            <Source key={i} n={i} seen={!brought(n)} imports={props.imports} />
          ))}
          {n.articulation && <p className="notable">{t.netArticulation}</p>}
          {n.also.length > 0 && (
            <p>
              {t.netAlso} {n.also.join(", ")}
            </p>
          )}
          <p className="hint">
            <code>{n.id}</code>
          </p>
        </div>
      ))}
    </>
  );
}
