import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Lang, Words } from "./i18n.ts";
import type { Session, State } from "./session.ts";

export interface Page {
  session: Session;
  lang: Lang;
  t: Words;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page & { state: State } {
  const page = useContext(PageContext);
  if (!page) throw new Error("outside of the page");
  const state = useSyncExternalStore(page.session.subscribe, page.session.snapshot);
  return { ...page, state };
}

/** Draws again every so often: clocks, ages. */
export function useBeat(ms: number): void {
  const [, beat] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => beat((n) => n + 1), ms);
    return () => window.clearInterval(timer);
  }, [ms]);
}
