// The streams that the program holds through this client, so that it can ask for them again. It knows no socket.

import { isData, type Data } from "./codec.js";
import { BridgeError } from "./errors.js";

/** A subscription of the program: how it asked, and what the bridge answered. */
export interface Hold {
  readonly method: string;
  readonly params: Data;
  readonly stream: string;
  readonly topic: string;
}

/** The holds of one client. */
export class Holds {
  readonly #held = new Map<string, Hold>();

  /** All of them. */
  all(): Hold[] {
    return [...this.#held.values()];
  }

  /** Whether the program still wants this one. */
  has(hold: Hold): boolean {
    return this.#held.has(key(hold.method, hold.params));
  }

  /** Takes a successful reply to any request of the program. */
  onReply(method: string, params: Data, reply: Data): void {
    const { kind, result } = reply;
    if (!isData(result)) return;
    if (kind === "subscription") {
      const { stream, topic } = result;
      this.#held.set(key(method, params), { method, params, stream: String(stream), topic: String(topic) });
    } else if (kind === "released") {
      this.#release(method, params, result["released"]);
    }
  }

  /** Takes an error: the bridge says that the client does not hold what the program wanted to end. */
  onError(method: string, params: Data, error: unknown): void {
    if (!(error instanceof BridgeError) || error.code !== "unknownStream") return;
    this.#release(method, params, params["stream"]);
  }

  /** The bridge has ended a stream. The program hears that and may subscribe again. */
  onEnded(topic: string, method: string): void {
    this.#drop((hold) => hold.topic === topic && hold.method === method);
  }

  /** Forgets one that the bridge refuses. */
  drop(hold: Hold): void {
    this.#held.delete(key(hold.method, hold.params));
  }

  /** The holds that the bridge does not have, by the result of `status`. */
  missing(status: unknown): Hold[] {
    const streams = isData(status) && Array.isArray(status["streams"]) ? status["streams"].filter(isData) : [];
    const isHeld = (hold: Hold): boolean =>
      streams.some((one) => one["topic"] === hold.topic && one["method"] === hold.method && one["held"] === true);
    return this.all().filter((hold) => !isHeld(hold));
  }

  /** `name`: the name or the topic of the stream. `cancelMktData` ends a stream of `reqMktData`. */
  #release(method: string, params: Data, name: unknown): void {
    const subscribed = params["method"] ?? method.replace(/^cancel/, "req").replace(/^unsubscribeFrom/, "subscribeTo");
    const isNamed = (hold: Hold): boolean => hold.stream === name || hold.topic === name;
    const isExact = this.all().some((hold) => isNamed(hold) && hold.method === subscribed);
    this.#drop((hold) => isNamed(hold) && (!isExact || hold.method === subscribed));
  }

  #drop(isGone: (hold: Hold) => boolean): void {
    for (const [one, hold] of this.#held) if (isGone(hold)) this.#held.delete(one);
  }
}

/** The same for the same method and params, in whatever order the fields are. */
function key(method: string, params: Data): string {
  return `${method} ${JSON.stringify(params, ordered)}`;
}

function ordered(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (!isData(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
