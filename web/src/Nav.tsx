import { usePage } from "./context.ts";
import { hashOf, VIEW_WORDS, type View, viewsFor } from "./nav.ts";

/** Links to the page's views: plain links, so that keyboard, history and bookmarks work. */
export function Nav({ view }: { view: View }) {
  const { state, t } = usePage();
  return (
    <nav className="nav" aria-label={t.nav}>
      {viewsFor(state.me?.may ?? []).map((v) => (
        <a key={v} href={hashOf(v)} aria-current={v === view ? "page" : undefined}>
          {t[VIEW_WORDS[v]]}
        </a>
      ))}
    </nav>
  );
}
