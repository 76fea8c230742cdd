import {
  type AlertView,
  ApiError,
  api,
  type EventView,
  type FeedCounts,
  type TimeFault,
  type FeedStatus,
  type LiveFrame,
  type LiveMessage,
  type Me,
  type Note,
  type Operation,
  type Point,
  parseTime,
  setTypedName,
  type TrackEdit,
} from "./api.ts";
import type { AircraftView } from "./aircraft.ts";
import type { EmissionView } from "./emission.ts";
import { type Link, LiveLink } from "./live.ts";
import type { CodedPicture } from "./protocol.ts";

/** What the page shows and what changes seldom enough for React. */
export interface State {
  me: Me | null;
  operation: Operation | null;
  link: Link;
  /** Newest first. */
  alerts: AlertView[];
  nextAlerts: string | null;
  events: EventView[];
  notes: Note[];
  edits: TrackEdit[];
  feeds: Record<string, FeedStatus>;
  /** The latest estimate of each gas feed. */
  emissions: Record<string, EmissionView>;
  /** Where each aircraft says it is. */
  aircraft: Record<string, AircraftView>;
  /** What became of each feed's frames in its run. */
  counts: Record<string, FeedCounts>;
  clocks: Record<string, { run: string; faults: TimeFault[] }>;
  selectedAlert: string | null;
  /** An event that is looked at in place of the alert: run and id. */
  selectedEvent: string | null;
  /** What the map is asked to show whole, once. */
  fit: "site" | "flight" | null;
  selectedTrack: string | null;
  /** The next selected track is merged into this one. */
  mergeInto: string | null;
  /** Server's wall time at the last tick, microseconds, and when it came (performance.now). */
  lost: number;
  failure: string | null;
}

/** A track as seen lately. */
export interface Tail {
  feed: string;
  run: string;
  last: Point;
  /** The last two minutes of placed points, oldest first. */
  points: Point[];
}

const TAIL_US = 120_000_000;
/** A track that was not heard of for so long leaves the map. */
const GONE_US = 20_000_000;

/** Everything between the server and the page. */
export class Session {
  state: State = {
    me: null,
    operation: null,
    link: "connecting",
    alerts: [],
    nextAlerts: null,
    events: [],
    notes: [],
    edits: [],
    feeds: {},
    emissions: {},
    aircraft: {},
    counts: {},
    clocks: {},
    selectedAlert: null,
    selectedEvent: null,
    fit: null,
    selectedTrack: null,
    mergeInto: null,
    lost: 0,
    failure: null,
  };
  /** What changes with every frame, outside React. */
  readonly tails = new Map<string, Tail>();
  readonly frames = new Map<string, LiveFrame>();
  /** Tells the video and the map. */
  onFrame: (frame: LiveFrame) => void = () => {};
  onPicture: (feed: string, picture: CodedPicture) => void = () => {};
  onCodec: (feed: string, codec: string) => void = () => {};
  onInterrupted: () => void = () => {};
  private listeners = new Set<() => void>();
  private live: LiveLink | null = null;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): State => this.state;

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Whether the caller's roles allow an action (see `me`). */
  may(action: string): boolean {
    return this.state.me?.may.includes(action) ?? false;
  }

  /** Event time now: of the newest frame, else the wall clock. */
  eventNow(): number {
    let t = 0;
    for (const frame of this.frames.values()) t = Math.max(t, frame.t_us);
    return t || Date.now() * 1000;
  }

  async start(name: string): Promise<void> {
    setTypedName(name);
    try {
      const me = await api.me();
      this.set({ me, failure: null });
      if (!me.login_needed) await this.open();
    } catch (e) {
      this.fail(e);
    }
  }

  private async open(): Promise<void> {
    const operation = await api.operation();
    this.set({ operation });
    this.live?.close();
    if (!this.may("look")) {
      // An auditor or administrator: no evidence, and so no live link.
      this.set({ link: "connected" });
      return;
    }
    this.live = new LiveLink(
      operation.feeds.map((f) => f.id),
      {
        link: (link) => {
          this.set({ link });
          if (link === "connected") void this.load();
          else this.onInterrupted();
        },
        message: (m) => this.hear(m),
        picture: (feed, p) => this.onPicture(feed, p),
      },
    );
  }

  close(): void {
    this.live?.close();
    this.live = null;
  }

  /** What is stored; asked for again after each reconnection, because messages were missed. */
  private async load(): Promise<void> {
    try {
      const [page, events, notes] = await Promise.all([api.alerts(), api.events(), api.notes()]);
      this.set({ alerts: page.alerts, nextAlerts: page.next, events, notes });
      const run = page.alerts[0]?.run ?? events[0]?.run;
      if (run) this.set({ edits: await api.edits(run) });
    } catch (e) {
      this.fail(e);
    }
  }

  async moreAlerts(): Promise<void> {
    if (!this.state.nextAlerts) return;
    try {
      const page = await api.alerts(this.state.nextAlerts);
      const known = new Set(this.state.alerts.map((a) => a.key));
      const added = page.alerts.filter((a) => !known.has(a.key));
      this.set({ alerts: [...this.state.alerts, ...added], nextAlerts: page.next });
    } catch (e) {
      this.fail(e);
    }
  }

  /** Does something at the server; a failure is shown, and told by `false`. */
  async try(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      this.set({ failure: null });
      return true;
    } catch (e) {
      this.fail(e);
      return false;
    }
  }

  private fail(e: unknown): void {
    if (e instanceof ApiError && e.status === 401 && this.state.me && !this.state.me.login_needed) {
      this.live?.close();
      this.set({ me: { name: null, verified: false, login_needed: true, roles: [], may: [] } });
      return;
    }
    this.set({ failure: e instanceof Error ? e.message : String(e) });
  }

  putAlert(view: AlertView): void {
    const before = this.state.alerts.find((a) => a.key === view.key);
    const others = this.state.alerts.filter((a) => a.key !== view.key);
    // The run says an alert again when it grows, and does not know what people did with it.
    if (before && before.alert.state !== "open" && view.alert.state === "open") {
      const { state, severity } = before.alert;
      view = { ...view, alert: { ...view.alert, state, severity } };
    }
    const t = parseTime(view.alert.opened_at);
    const at = others.findIndex((a) => parseTime(a.alert.opened_at) <= t);
    others.splice(at < 0 ? others.length : at, 0, view);
    this.set({ alerts: others });
  }

  putNote(note: Note): void {
    if (this.state.notes.some((n) => n.n === note.n)) return;
    this.set({ notes: [note, ...this.state.notes].slice(0, 200) });
  }

  private hear(m: LiveMessage): void {
    switch (m.type) {
      case "frame":
        this.hearFrame(m);
        break;
      case "alert":
        this.putAlert({ key: m.key, run: m.run, alert: m.alert });
        break;
      case "event": {
        const others = this.state.events.filter((e) => e.event.id !== m.event.id || e.run !== m.run);
        this.set({ events: [{ run: m.run, event: m.event }, ...others].slice(0, 500) });
        break;
      }
      case "status":
        this.set({ feeds: { ...this.state.feeds, [m.feed]: m } });
        break;
      case "emission":
        this.set({ emissions: { ...this.state.emissions, [m.feed]: m } });
        break;
      case "aircraft":
        this.set({ aircraft: { ...this.state.aircraft, [m.id]: m } });
        break;
      case "clocks":
        this.set({ clocks: { ...this.state.clocks, [m.feed]: m } });
        break;
      case "counts":
        this.set({ counts: { ...this.state.counts, [m.feed]: m.counts } });
        break;
      case "note":
        this.putNote(m.note);
        break;
      case "track_edit":
        this.hearEdit(m.edit);
        break;
      case "video":
        this.onCodec(m.feed, m.codec);
        break;
      case "lost":
        this.onInterrupted();
        this.set({ lost: this.state.lost + m.messages });
        void this.load();
        break;
      case "purged":
        void this.load();
        break;
      case "refused":
        this.set({ failure: m.error });
        break;
    }
  }

  private hearFrame(frame: LiveFrame): void {
    const before = this.frames.get(frame.feed);
    if (before && before.run !== frame.run) {
      for (const [name, tail] of this.tails) if (tail.feed === frame.feed) this.tails.delete(name);
    }
    this.frames.set(frame.feed, frame);
    for (const p of frame.tracks) {
      const tail = this.tails.get(p.track) ?? { feed: frame.feed, run: frame.run, last: p, points: [] };
      tail.last = p;
      if (p.ground) tail.points.push(p);
      while (tail.points[0] && tail.points[0].t_us < p.t_us - TAIL_US) tail.points.shift();
      this.tails.set(p.track, tail);
    }
    for (const [name, tail] of this.tails) {
      const over = tail.last.state === "ended" || tail.last.t_us < frame.t_us - GONE_US;
      if (tail.feed === frame.feed && over) this.tails.delete(name);
    }
    this.onFrame(frame);
  }

  private hearEdit(edit: TrackEdit): void {
    const others = this.state.edits.filter((e) => e.n !== edit.n);
    this.set({ edits: [...others, edit] });
    // Names have changed: tails are built anew from what is stored.
    this.tails.clear();
    const now = this.eventNow();
    void this.try(async () => {
      for (const t of await api.tracks(now - TAIL_US, now)) {
        const last = t.points.at(-1);
        if (!last || last.t_us < now - GONE_US || last.state === "ended") continue;
        const placed = t.points.filter((p) => p.ground);
        const newer = this.tails.get(t.name)?.points ?? [];
        this.tails.set(t.name, {
          feed: t.feed,
          run: t.run,
          last: newer.at(-1) ?? last,
          points: [...placed.filter((p) => !newer[0] || p.t_us < newer[0].t_us), ...newer],
        });
      }
    });
  }

  /** Selects a track, or finishes a merge that was begun. */
  selectTrack(name: string | null): void {
    const into = this.state.mergeInto;
    const run = name ? this.tails.get(name)?.run : undefined;
    if (into && name && run && into !== name) {
      this.set({ mergeInto: null });
      void this.try(() => api.merge(run, into, name));
      return;
    }
    this.set({ selectedTrack: name });
  }
}
