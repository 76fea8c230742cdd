import type { EventKind } from "../api.ts";

const PERSONS: readonly EventKind[] = [
  "enter_vehicle", "exit_vehicle", "enter_structure", "exit_structure", "drop_off", "pick_up", "handover",
];
const MOTION: readonly EventKind[] = ["stop", "start", "turn_left", "turn_right", "u_turn", "reverse"];

/** A finding about persons: an analyst reviews it. */
export const aboutPersons = (kind: EventKind): boolean => PERSONS.includes(kind);

/** What every vehicle does all day: kept, but no mark on the timeline. */
export const everyday = (kind: EventKind): boolean => MOTION.includes(kind) || PERSONS.slice(0, 4).includes(kind);
