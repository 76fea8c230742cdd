import type { LiveMessage } from "./api.ts";
import { type CodedPicture, parseMessage, parsePicture } from "./protocol.ts";

export type Link = "connecting" | "connected" | "lost";

/** No message for so long means that the connection is gone: the server ticks every two seconds. */
const SILENCE_MS = 6000;

/** The live relay's connection; it comes back by itself. */
export class LiveLink {
  private socket: WebSocket | null = null;
  private feeds: string[] = [];
  private retries = 0;
  private heardAt = 0;
  private closed = false;
  private watchdog: number;
  private retry: number | undefined;

  constructor(
    private readonly wanted: string[],
    private readonly on: {
      link: (link: Link) => void;
      message: (message: LiveMessage) => void;
      picture: (feed: string, picture: CodedPicture) => void;
    },
  ) {
    this.watchdog = window.setInterval(() => this.watch(), 1000);
    on.link("connecting");
    this.open();
  }

  close(): void {
    this.closed = true;
    window.clearInterval(this.watchdog);
    window.clearTimeout(this.retry);
    this.socket?.close();
  }

  private watch(): void {
    const silent = performance.now() - this.heardAt > SILENCE_MS;
    if (this.socket?.readyState === WebSocket.OPEN && silent) {
      // A dead peer never answers a close: let go of it now.
      const dead = this.socket;
      dead.onclose = null;
      dead.close();
      this.lost();
    }
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.heardAt = performance.now();
      this.retries = 0;
      socket.send(JSON.stringify({ subscribe: { video: this.wanted } }));
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.heardAt = performance.now();
      if (typeof event.data === "string") {
        const message = parseMessage(event.data);
        if (!message) return;
        if (message.type === "hello") {
          this.feeds = message.feeds;
          this.on.link("connected");
        }
        this.on.message(message);
        return;
      }
      const picture = parsePicture(event.data);
      const feed = picture && this.feeds[picture.feed];
      if (picture && feed !== undefined && feed !== null) this.on.picture(feed, picture);
    };
    socket.onclose = () => this.lost();
  }

  private lost(): void {
    if (this.closed) return;
    this.socket = null;
    this.on.link("lost");
    const pause = Math.min(500 * 2 ** this.retries++, 5000);
    this.retry = window.setTimeout(() => this.open(), pause);
  }
}
