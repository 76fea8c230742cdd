import { call, type LonLat } from "../api.ts";

/** How a place was seen. */
export interface Sight {
  time: string;
  pixel: [number, number] | null;
  /** Ground sample distance across and along the view, metres. */
  sample_m: [number, number] | null;
  slant_range_m: number | null;
  look_down_deg: number | null;
  /** Probability that a standing person in the open could have been made out there. */
  p_person: number | null;
  p_vehicle: number | null;
}

/** Time in which a feed saw a place without a pause (`GET /api/v1/footage`). */
export interface Footage {
  run: string;
  feed: string;
  from: string;
  to: string;
  best: Sight;
  followed: number;
}

/** A known place that is pointed at in a picture (`POST /api/v1/feeds/{feed}/landmarks`). */
export interface Landmark {
  time: string;
  pixel: [number, number];
  lat: number;
  lon: number;
  above_m: number;
  sigma_m: number;
}

/** What became of it. */
export interface LandmarkFit {
  time: string;
  off_m: number | null;
  taken: boolean;
  sigma_m: [number, number] | null;
}

const q = encodeURIComponent;

export const placeApi = {
  footage: ([lon, lat]: LonLat) =>
    call<{ stretches: Footage[] }>(`footage?lat=${lat.toFixed(7)}&lon=${lon.toFixed(7)}`),
  clipUrl: (feed: string, run: string, from_us: number, to_us: number) =>
    `/api/v1/footage/clip?feed=${q(feed)}&run=${q(run)}&from=${from_us}&to=${to_us}`,
  landmarks: (feed: string) => call<LandmarkFit[]>(`feeds/${q(feed)}/landmarks`),
  giveLandmark: (feed: string, landmark: Landmark) => call<void>(`feeds/${q(feed)}/landmarks`, landmark),
};
