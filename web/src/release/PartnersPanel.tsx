import { useCallback, useEffect, useState } from "react";
import { usePage } from "../context.ts";
import { fill } from "../i18n.ts";
import { hashOf } from "../nav.ts";
import { desk, type Partners } from "./api.ts";

/** Taking in what partners sent, and who they are. */
export function PartnersPanel({ changed }: { changed: () => Promise<unknown> }) {
  const { session, t } = usePage();
  const [found, setFound] = useState<Partners | null>(null);
  const [link, setLink] = useState("");
  const [name, setName] = useState("");
  const [took, setTook] = useState<string | null>(null);
  const load = useCallback(
    () => session.try(async () => setFound(await desk.partners())),
    [session],
  );
  useEffect(() => void load(), [load]);
  const take = (how: () => Promise<{ release: { id: string; title: string } }>) =>
    session.try(async () => {
      const { release } = await how();
      setTook(release.title);
      setLink("");
      location.hash = hashOf("releases", release.id);
      await changed();
    });
  const file = (input: HTMLInputElement, use: (text: string) => Promise<unknown>) => {
    const chosen = input.files?.[0];
    input.value = "";
    if (chosen) void chosen.text().then(use);
  };
  return (
    <div className="exchange">
      {session.may("carry") && (
        <section className="panel take-in" aria-label={t.takeIn}>
          <div className="panel-head">
            <h2>{t.takeIn}</h2>
            <span className="hint">{took ? fill(t.tookIn, { title: took }) : t.takeInHint}</span>
          </div>
          <form
            className="row"
            onSubmit={(e) => {
              e.preventDefault();
              void take(() => desk.fetch(link));
            }}
          >
            <input
              value={link}
              required
              aria-label={t.linkPlaceholder}
              placeholder={t.linkPlaceholder}
              onChange={(e) => setLink(e.target.value)}
            />
            <button type="submit">{t.fetch}</button>
            <label className="button">
              {t.chooseFile}
              <input
                type="file"
                className="hidden"
                accept=".json,application/json"
                onChange={(e) => file(e.currentTarget, (text) => take(() => desk.takeIn(text)))}
              />
            </label>
          </form>
        </section>
      )}
      <section className="panel partners" aria-label={t.partnersTitle}>
        <div className="panel-head">
          <h2>{t.partnersTitle}</h2>
          <span className="hint">{t.compareVoice}</span>
        </div>
        {found && (
          <ul className="scroll">
            <li className="ours">
              <b>{found.name ?? t.noKeys}</b>
              {found.fingerprint && <code>{found.fingerprint}</code>}
              {found.card && (
                <a
                  className="button"
                  href={`data:application/json,${encodeURIComponent(found.card)}`}
                  download="partner-card.json"
                >
                  {t.ourCard}
                </a>
              )}
              {!found.name && session.may("administer") && (
                <form
                  className="row"
                  onSubmit={(e) => {
                    e.preventDefault();
                    void session.try(async () => setFound(await desk.makeIdentity(name)));
                  }}
                >
                  <input
                    required
                    value={name}
                    aria-label={t.ourName}
                    placeholder={t.ourName}
                    onChange={(e) => setName(e.target.value)}
                  />
                  <button type="submit">{t.makeKeys}</button>
                </form>
              )}
            </li>
            {found.partners.map((p) => (
              <li key={p.name}>
                <b>{p.name}</b>
                {p.fingerprint ? <code>{p.fingerprint}</code> : <em>{t.noCard}</em>}
                {!p.authorised && <em>{t.notNamed}</em>}
              </li>
            ))}
            {session.may("administer") && (
              <li>
                <label className="button">
                  {t.addCard}
                  <input
                    type="file"
                    className="hidden"
                    accept=".json,application/json"
                    onChange={(e) =>
                      file(e.currentTarget, (text) =>
                        session.try(async () => {
                          await desk.addPartner(text);
                          await load();
                        }),
                      )
                    }
                  />
                </label>
              </li>
            )}
          </ul>
        )}
      </section>
    </div>
  );
}
