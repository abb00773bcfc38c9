// The state of a consumer that follows its order log and gets each event once. It knows no socket and no clock.
//
// The consumer stores its position (log, n) together with the effects of the events. The follower first reads the log
// from that position with the method `orderLog`. Then it takes published events, as long as the `n` of each is one
// higher than the last. If a number is missing, or the `head` that the bridge publishes each second is higher than the
// last number, it reads the log again.

import type { Data } from "./codec.js";
import type { Command, Envelope, LogEvent, LogPosition, Machine } from "./events.js";

/** After this many seconds without a reply the follower sends the request again. */
export const REPLY_WAIT = 5;
/** After this many seconds it asks again when the bridge has refused the request, such as with `limitReached`. */
export const ERROR_WAIT = 1;
/** How many events one request asks for. */
export const PAGE = 500;

/** The follower of the order log of `owner`. It begins after `position`, or with the first event if that is null. */
export class LogFollower implements Machine<LogEvent> {
  readonly prefix: string;
  #position: LogPosition | null;
  /** The epoch of the last reply. Only events of this epoch are of the same log. */
  #epoch: unknown;
  #token = 0;
  #isAsking = false;
  /** Whether to ask once more after the open request. */
  #isBehind = false;
  #due = 0;
  #commands: Command[] = [];
  #events: LogEvent[] = [];

  constructor(owner: string, position: LogPosition | null) {
    this.prefix = `order.${owner}.`;
    this.#position = position;
  }

  /** Takes the commands to carry out, in order. */
  commands(): Command[] {
    return this.#commands.splice(0);
  }

  /** Takes the events to deliver, in order. */
  events(): LogEvent[] {
    return this.#events.splice(0);
  }

  /** The time at which to call `onTimer` next; infinity if no request is open. */
  nextTimer(): number {
    return this.#isAsking ? this.#due : Infinity;
  }

  /** Its timer only sends a request again. */
  isPatient(): boolean {
    return false;
  }

  /** Subscribes, and requests the first page of the log. */
  start(now: number): void {
    this.#commands.push({ kind: "subscribe", topic: this.prefix });
    this.#readMore(now);
  }

  /** Takes one event from the socket. */
  onEvent(topic: string, envelope: Envelope, now: number): void {
    const known = this.#position?.n ?? -1;
    const n = envelope["n"];
    if (topic === `${this.prefix}head` && n === undefined) {
      const { log, head } = envelope.data;
      if (log !== this.#position?.log || Number(head) !== known) this.#readMore(now);
    } else if (typeof n === "number") {
      const isNext = envelope.epoch === this.#epoch && !this.#isAsking && n === known + 1;
      if (isNext) this.#take({ ...envelope, topic });
      else if (envelope.epoch !== this.#epoch || n > known) this.#readMore(now);
    }
  }

  /** Takes the result of a request, or undefined if it failed. */
  onReply(token: number, result: unknown, now: number): void {
    if (token !== this.#token || !this.#isAsking) return;
    if (result === undefined) {
      this.#due = now + ERROR_WAIT;
      return;
    }
    const told = result as Data;
    this.#isAsking = false;
    this.#epoch = told["epoch"];
    const events = this.#checked(told);
    for (const event of events) if (Number(event["n"]) > this.#known().n) this.#take(event);
    if (this.#isBehind || this.#known().n < Number(told["head"])) this.#readMore(now);
  }

  /** The socket has reconnected. The log has the events that were published in between. */
  onReconnect(now: number): void {
    this.#readMore(now);
  }

  /** Sends an unanswered request again. */
  onTimer(now: number): void {
    if (!this.#isAsking || now < this.#due) return;
    this.#isAsking = false;
    this.#readMore(now);
  }

  #known(): LogPosition {
    return this.#position ?? { log: "", n: 0 };
  }

  /** Requests the events after our position. If a request is open, makes another one after it. */
  #readMore(now: number): void {
    if (this.#isAsking) {
      this.#isBehind = true;
      return;
    }
    this.#isAsking = true;
    this.#isBehind = false;
    this.#due = now + REPLY_WAIT;
    const params = { after: this.#position?.n ?? 0, limit: PAGE };
    this.#commands.push({ kind: "ask", token: ++this.#token, method: "orderLog", params });
  }

  /** The events of the reply. If the log is not the one of our position, it says so, and begins with its first event. */
  #checked(told: Data): Data[] {
    const log = String(told["log"]);
    const head = Number(told["head"]);
    const events = told["events"] as Data[];
    const known = this.#position;
    if (known === null) {
      this.#position = { log, n: 0 };
    } else if (known.log !== log) {
      this.#reportLoss({ log, n: 0 }, `the bridge has a new order log; the events after ${known.n} are lost`);
      return known.n > 0 ? [] : events;
    } else if (known.n > head) {
      this.#reportLoss({ log, n: head }, `the bridge's order log ends before ${known.n}: it is an older copy`);
    }
    return events;
  }

  #reportLoss(position: LogPosition, reason: string): void {
    this.#position = position;
    this.#events.push({ origin: "gap", event: "gap", topic: `${this.prefix}gap`, position, data: { reason } });
  }

  #take(event: Data): void {
    this.#position = { log: this.#known().log, n: Number(event["n"]) };
    const taken = { epoch: this.#epoch, ...event, origin: "log", position: this.#position };
    this.#events.push(taken as unknown as LogEvent);
  }
}
