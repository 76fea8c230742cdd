import { useRef } from "react";
import { usePage } from "../context.ts";
import { fill } from "../i18n.ts";
import type { Fault } from "./api.ts";

/** The text with its faulty words marked, in pieces. */
export function pieces(text: string, faults: Fault[]): { text: string; bad: boolean }[] {
  const lines = text.split("\n");
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  // Columns count characters, a string's index counts UTF-16 units.
  const index = (line: number, column: number) => {
    const chars = Array.from(lines[line - 1] ?? "");
    return (starts[line - 1] ?? at) + chars.slice(0, column - 1).join("").length;
  };
  const out: { text: string; bad: boolean }[] = [];
  let done = 0;
  for (const f of [...faults].sort((a, b) => a.line - b.line || a.column - b.column)) {
    const from = index(f.line, f.column);
    const to = index(f.line, f.column + f.length);
    if (from < done || to <= from) continue;
    out.push({ text: text.slice(done, from), bad: false }, { text: text.slice(from, to), bad: true });
    done = to;
  }
  out.push({ text: text.slice(done), bad: false });
  return out.filter((p) => p.text !== "");
}

/** A plain text field with line numbers; faulty words are underlined behind it. */
export function Editor(props: { text: string; change: (text: string) => void; faults: Fault[]; locked: boolean }) {
  const { t } = usePage();
  const gutter = useRef<HTMLDivElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const bad = new Set(props.faults.map((f) => f.line));
  const lines = props.text.split("\n").length;
  const follow = () => {
    const f = field.current;
    if (!f) return;
    if (gutter.current) gutter.current.scrollTop = f.scrollTop;
    if (behind.current) {
      behind.current.scrollTop = f.scrollTop;
      behind.current.scrollLeft = f.scrollLeft;
    }
  };
  const go = (fault: Fault) => {
    const f = field.current;
    if (!f) return;
    const before = props.text.split("\n").slice(0, fault.line - 1).join("\n").length;
    const start = before + (fault.line > 1 ? 1 : 0) + fault.column - 1;
    f.focus();
    f.setSelectionRange(start, start + fault.length);
  };
  return (
    <>
      <div className="editor">
        <div className="gutter" ref={gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, i) => (
            <span key={`${i + 1}`} className={bad.has(i + 1) ? "bad" : undefined}>
              {i + 1}
            </span>
          ))}
        </div>
        <div className="sheet">
          <pre ref={behind} aria-hidden="true">
            {pieces(props.text, props.faults).map((p, i) =>
              p.bad ? <mark key={`${i}-${p.text}`}>{p.text}</mark> : p.text,
            )}
            {"\n"}
          </pre>
          <textarea
            ref={field}
            value={props.text}
            readOnly={props.locked}
            spellCheck={false}
            autoCapitalize="off"
            wrap="off"
            aria-label={t.rulesEditor}
            aria-invalid={props.faults.length > 0}
            onChange={(e) => props.change(e.target.value)}
            onScroll={follow}
          />
        </div>
      </div>
      {props.faults.length > 0 && (
        <ol className="faults" data-testid="faults">
          {props.faults.map((f) => (
            <li key={`${f.line}:${f.column}:${f.what}`}>
              <button type="button" className="link" onClick={() => go(f)}>
                {fill(t.rulesLine, { line: f.line, column: f.column })}
              </button>
              <span>{f.what}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
