// The events that a program gets, and what drives the two state machines that make them.

import type { Data } from "./codec.js";
import type { Event } from "./generated.js";

/**
 * Where an event comes from. `live`: published now. `snapshot`: the last value, from the first snapshot. `recovered`:
 * from the snapshot after a gap, new to this program. `repeated`: from a later snapshot, and already delivered; the
 * value still holds.
 */
export type Origin = "live" | "snapshot" | "recovered" | "repeated";

/** An event of the bridge. Its `event` tells the type of its `data`. Fields of a newer bridge are kept. */
export type BridgeEvent = Event & { readonly origin: Origin; readonly epoch: string };

/** Events were lost. What the program knows of topics below `data.prefix` may be wrong; the values follow anew. */
export interface Gap {
  readonly origin: "gap";
  readonly event: "gap";
  /** The prefix. */
  readonly topic: string;
  readonly epoch: string;
  readonly data: { readonly prefix: string; readonly reason: string };
}

/** What a subscription yields. Look at `origin === "gap"` first: `gap` is also an event of the bridge. */
export type StreamEvent = BridgeEvent | Gap;

/** The position of a consumer: the name of the log, and the number of the last event that it has taken. */
export interface LogPosition {
  readonly log: string;
  readonly n: number;
}

/** An event of the order log. Store `position` together with the effects of the event. */
export type OrderEvent = Event & {
  readonly origin: "log";
  /** Number of the event in the order log. */
  readonly n: number;
  readonly position: LogPosition;
};

/** Events of the order log are lost and cannot be read again. Store `position` as with any other event. */
export interface OrderLogGap {
  readonly origin: "gap";
  readonly event: "gap";
  readonly topic: string;
  readonly position: LogPosition;
  readonly data: { readonly reason: string };
}

/** What the order feed yields. Look at `origin === "gap"` first. */
export type LogEvent = OrderEvent | OrderLogGap;

/** An event as it is on the wire. */
export type Envelope = Data & { epoch: string; seq: number; event: string; data: Data };

/** What a state machine wants done, in this order. */
export type Command =
  | { kind: "subscribe" | "unsubscribe"; topic: string }
  /** Send the request, and pass its result, or undefined if it failed, to `onReply(token, result)`. */
  | { kind: "ask"; token: number; method: "snapshot" | "sequences" | "orderLog"; params: Data }
  /** After a loss: compare what the program holds with what the bridge has. */
  | { kind: "checkHolds" }
  /** The bridge has ended this stream. */
  | { kind: "ended"; topic: string; method: string };

/** The methods of both state machines. Times are seconds of the caller's monotonic clock. */
export interface Machine<E> {
  start(now: number): void;
  onEvent(topic: string, envelope: Envelope, now: number): void;
  onReply(token: number, result: unknown, now: number): void;
  onReconnect(now: number): void;
  onTimer(now: number): void;
  nextTimer(): number;
  /** Whether its timers wait until the events that have arrived are taken: it would take them for lost. */
  isPatient(): boolean;
  commands(): Command[];
  events(): E[];
}

/** The keys with their numbers, of a map of the wire. */
export function numbers(map: unknown): Map<string, number> {
  return new Map(Object.entries((map ?? {}) as Data).map(([key, value]) => [key, Number(value)]));
}

/** The first token of a topic. */
export function firstToken(topic: string): string {
  const dot = topic.indexOf(".");
  return dot < 0 ? topic : topic.slice(0, dot);
}
