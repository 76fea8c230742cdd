import { usePage } from "./context.ts";
import { hashOf, VIEW_WORDS, VIEWS, type View } from "./nav.ts";

/** Links to the page's views: plain links, so that keyboard, history and bookmarks work. */
export function Nav({ view }: { view: View }) {
  const { t } = usePage();
  return (
    <nav className="nav" aria-label={t.nav}>
      {VIEWS.map((v) => (
        <a key={v} href={hashOf(v)} aria-current={v === view ? "page" : undefined}>
          {t[VIEW_WORDS[v]]}
        </a>
      ))}
    </nav>
  );
}
