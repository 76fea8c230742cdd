import { useSyncExternalStore } from "react";
import type { Words } from "./i18n.ts";

/**
 * The page's views, by the hash of its address: `#/watch` is where it opens. A view that the reader
 * has no use for is not listed. Another view is one more line here and one more in App.tsx.
 */
export const VIEWS = ["watch", "rules", "network", "documents", "releases", "audit"] as const;
export type View = (typeof VIEWS)[number];

/** The word on a view's link. */
export const VIEW_WORDS: Record<View, keyof Words> = {
  watch: "nav_watch",
  rules: "nav_rules",
  network: "nav_network",
  documents: "nav_documents",
  releases: "nav_releases",
  audit: "nav_audit",
};

/** What a reader's roles must allow for a view, one of these (`me.may`). */
export const VIEW_NEEDS: Record<View, string[]> = {
  watch: ["look"],
  rules: ["see"],
  network: ["see"],
  documents: ["see"],
  releases: ["board", "administer"],
  audit: ["audit"],
};

/** The views for somebody who may do this. */
export function viewsFor(may: readonly string[]): View[] {
  return VIEWS.filter((v) => VIEW_NEEDS[v].some((need) => may.includes(need)));
}

/** The view and what follows it: `#/releases/ab12` is `["releases", "ab12"]`. */
export function viewOf(hash: string): [View, string] {
  const [name = "", ...rest] = hash.replace(/^#\/?/, "").split("/");
  const view = VIEWS.find((v) => v === name);
  return view ? [view, rest.join("/")] : ["watch", ""];
}

export function hashOf(view: View, rest = ""): string {
  return `#/${view}${rest === "" ? "" : `/${rest}`}`;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** The view of the address as it is now. */
export function useView(): [View, string] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return viewOf(hash);
}
