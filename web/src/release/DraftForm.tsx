import { useState } from "react";
import { usePage } from "../context.ts";
import { hashOf } from "../nav.ts";
import { type Translation, translate } from "../translation/api.ts";
import { Answer } from "../translation/NoteTranslation.tsx";
import { desk } from "./api.ts";

/** Words for a partner; pictures, events and what is left out are put together by the server. */
export function DraftForm(props: {
  alertKey: string;
  partner: string;
  assessment: string;
  cancel: () => void;
}) {
  const { session, lang, t } = usePage();
  const [title, setTitle] = useState("");
  const [summary, setSummary] = useState(props.assessment);
  const [language, setLanguage] = useState<"en" | "es">(lang);
  const [hours, setHours] = useState(24);
  const [busy, setBusy] = useState(false);
  const [byMachine, setByMachine] = useState(false);
  const [shown, setShown] = useState<Translation | null>(null);
  const preview = async () => {
    // A note's length at once: the report has all of it.
    const text = `${title}\n${summary}`.slice(0, 2000);
    await session.try(async () => setShown(await translate(text, language)));
  };
  const draft = async () => {
    setBusy(true);
    await session.try(async () => {
      const made = await desk.draft({
        alert: props.alertKey,
        partner: props.partner,
        language,
        title,
        summary,
        reply_within_h: hours,
        translate: byMachine,
      });
      location.hash = hashOf("releases", made.release.id);
      props.cancel();
    });
    setBusy(false);
  };
  return (
    <form
      className="desk-form draft-release"
      onSubmit={(e) => {
        e.preventDefault();
        void draft();
      }}
    >
      <p className="hint">
        {t.to} <b>{props.partner}</b>. {t.draftHint}
      </p>
      <label>
        {t.draftTitle}
        <input required maxLength={120} value={title} onChange={(e) => setTitle(e.target.value)} />
      </label>
      <label>
        {t.draftSummary}
        <textarea
          rows={4}
          required
          maxLength={3500}
          value={summary}
          onChange={(e) => setSummary(e.target.value)}
        />
      </label>
      <div className="row">
        <label>
          {t.draftLanguage}
          <select value={language} onChange={(e) => setLanguage(e.target.value as "en" | "es")}>
            <option value="es">{t.lang_es}</option>
            <option value="en">{t.lang_en}</option>
          </select>
        </label>
        <label>
          {t.replyWithin}
          <input
            type="number"
            min={1}
            max={2160}
            value={hours}
            onChange={(e) => setHours(Number(e.target.value))}
          />
        </label>
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={byMachine}
          onChange={(e) => {
            setByMachine(e.target.checked);
            setShown(null);
          }}
        />
        {t.draftByMachine}
      </label>
      {byMachine && (
        <>
          <p className="hint">{t.draftByMachineHint}</p>
          <button type="button" onClick={() => void preview()} disabled={!title.trim() && !summary.trim()}>
            {t.draftPreview}
          </button>
          {shown && (
            <div className="tr" role="status">
              <Answer answer={shown} changed={preview} />
            </div>
          )}
        </>
      )}
      <div className="acts">
        <button type="submit" className="main" disabled={busy}>
          {busy ? t.drafting : t.draftRelease}
        </button>
        <button type="button" className="quiet" onClick={props.cancel}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}
