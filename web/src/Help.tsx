import { useEffect, useRef } from "react";
import { usePage } from "./context.ts";

export function Help({ close }: { close: () => void }) {
  const { t } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys = [
    ["j  k", t.key_jk],
    ["a", t.key_a],
    ["r", t.key_r],
    ["c", t.key_c],
    ["d", t.key_d],
    ["n", t.key_n],
    ["f", t.key_f],
    ["Esc", t.key_esc],
    ["?", t.key_help],
  ] as const;
  return (
    <dialog ref={dialog} className="help" onClose={close} aria-label={t.help}>
      <h2>{t.keys}</h2>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h2>{t.legend}</h2>
      <ul>
        <li>{t.legend_seen}</li>
        <li>{t.legend_stopped}</li>
        <li>{t.legend_coasting}</li>
      </ul>
      <button type="button" className="main" onClick={close}>
        {t.dismiss}
      </button>
    </dialog>
  );
}
