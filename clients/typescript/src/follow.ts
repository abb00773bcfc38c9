// The state of a subscriber that joins late and detects lost events. It knows no socket and no clock.
//
// For each prefix the follower subscribes to the prefix and to the topic of a marker, requests a snapshot, and holds
// back each event until both the snapshot and the marker have arrived. Then it delivers the snapshot, the held events
// that are newer, and each event as it arrives. From then on the `seq` of each topic must rise by one. It takes a new
// snapshot, and delivers a gap before it, if a number is missing, the epoch is new, the socket has reconnected, the
// bridge has a higher number, or the floors have changed.
//
// A prefix is in one of three phases:
//
//   phase       an event           the snapshot          a reconnect, a hole, a new epoch   no reply in time
//   joining     is held            settles, if marked    (a reconnect: the old join goes on)  asks again
//   live        is delivered       -                     joins                              says that it is stale
//   refreshing  is held            repeats the values    delivers what it held, then joins  delivers what it held

import { randomBytes } from "node:crypto";
import type { Data } from "./codec.js";
import { firstToken, numbers, type Command, type Envelope, type Machine, type Origin, type StreamEvent } from "./events.js";

/** After this many seconds without the marker, or after a failed request, the follower requests the snapshot again. */
export const MARKER_WAIT = 0.25;
/** After this many seconds without a reply the follower sends a new request. */
export const REPLY_WAIT = 5;
/** Seconds between two comparisons of the numbers. */
export const CHECK = 5;
/** An event that the bridge has published may arrive this many seconds later; after that it is lost. */
export const CATCH_UP = 1;
/** Seconds from a `fresh` event to the snapshot: other streams become fresh at the same time. */
export const SETTLE = 0.05;

type Phase = "joining" | "live" | "refreshing";

/** One prefix. `due`: the time of its next timer. `token`: its newest request. */
class Prefix {
  phase: Phase = "joining";
  nonce = "";
  marked = false;
  snapshot: Data | undefined;
  held: [topic: string, envelope: Envelope][] = [];
  seqs = new Map<string, number>();
  floors = new Map<string, number>();
  /** The bridge's numbers that are higher than ours. */
  ahead = new Map<string, number>();
  /** The streams that are stale, with the fields of their `stale` events. */
  stale = new Map<string, Data>();
  /** The streams whose values to take anew; after a failure only when the numbers were compared. */
  fresh = new Set<string>();
  hasFailed = false;
  epoch = "";
  /** The reason of the gap, empty for the first snapshot. */
  why = "";
  due = 0;
  token = 0;

  constructor(readonly prefix: string) {}

  /** The number of the last event seen on the topic, or the floor of the topic. */
  last(topic: string): number {
    return this.seqs.get(topic) ?? this.floors.get(firstToken(topic)) ?? 0;
  }
}

/** The follower of topics, for all prefixes of one SUB socket. It ignores a prefix that another one covers. */
export class Follower implements Machine<StreamEvent> {
  readonly #prefixes: Prefix[];
  readonly #nonce: () => string;
  readonly #wall: () => bigint;
  #tokens = 0;
  #commands: Command[] = [];
  #events: StreamEvent[] = [];

  /** `nonce` makes the name of a marker; `wall` tells the time, in nanoseconds since 1970 UTC. */
  constructor(
    prefixes: readonly string[],
    nonce: () => string = () => randomBytes(8).toString("hex"),
    wall: () => bigint = () => BigInt(Date.now()) * 1_000_000n,
  ) {
    const wanted = [...new Set(prefixes)].sort();
    const isCovered = (one: string): boolean => wanted.some((other) => one !== other && one.startsWith(other));
    this.#prefixes = wanted.filter((one) => !isCovered(one)).map((one) => new Prefix(one));
    this.#nonce = nonce;
    this.#wall = wall;
  }

  /** Whether every prefix has its snapshot. */
  get isLive(): boolean {
    return this.#prefixes.every((state) => state.phase !== "joining");
  }

  /** Takes the commands to carry out, in order. */
  commands(): Command[] {
    return this.#commands.splice(0);
  }

  /** Takes the events to deliver, in order. */
  events(): StreamEvent[] {
    return this.#events.splice(0);
  }

  /** The time at which to call `onTimer` next. */
  nextTimer(): number {
    return Math.min(...this.#prefixes.map((state) => state.due));
  }

  /** Whether its timers only compare numbers, which an event that waits in the socket would make look lost. */
  isPatient(): boolean {
    return this.#prefixes.every((state) => state.phase === "live");
  }

  // Input

  /** Subscribes to all prefixes and requests their snapshots. */
  start(now: number): void {
    for (const state of this.#prefixes) {
      this.#commands.push({ kind: "subscribe", topic: state.prefix });
      this.#join(state, now, "");
    }
  }

  /** Takes one event from the socket. */
  onEvent(topic: string, envelope: Envelope, now: number): void {
    if (topic.startsWith("sync.")) {
      this.#onMarker(topic.slice("sync.".length), now);
      return;
    }
    const state = this.#prefixes.find((one) => topic.startsWith(one.prefix));
    if (state === undefined) return;
    if (state.phase !== "live") state.held.push([topic, envelope]);
    else this.#take(state, topic, envelope, now);
  }

  /** Takes the result of a request, or undefined if it failed. */
  onReply(token: number, result: unknown, now: number): void {
    const state = this.#prefixes.find((one) => one.token === token);
    if (state === undefined) return;
    const told = result as Data | undefined;
    if (state.phase === "joining") {
      state.due = now + MARKER_WAIT;
      state.snapshot = told ?? state.snapshot;
      this.#settle(state, now);
    } else if (state.phase === "refreshing") {
      this.#repeat(state, told, now);
    } else if (told === undefined) {
      this.#onSilence(state, now);
    } else {
      this.#compare(state, told, now);
    }
  }

  /** The socket has reconnected. Events published in between are lost. */
  onReconnect(now: number): void {
    for (const state of this.#prefixes) {
      if (state.phase === "refreshing") this.#release(state, now);
      if (state.phase === "live") this.#join(state, now, "the client has reconnected to the bridge");
    }
  }

  /** Sends the requests that are due. */
  onTimer(now: number): void {
    for (const state of this.#prefixes) {
      if (now < state.due) continue;
      if (state.phase === "joining") {
        // The marker proves that the subscription worked when the snapshot was made. Discard an older snapshot.
        state.snapshot = undefined;
        this.#ask(state, "snapshot", { prefix: state.prefix, nonce: state.nonce }, now);
      } else if (state.phase === "refreshing") {
        this.#repeat(state, undefined, now);
      } else if (state.fresh.size > 0 && !state.hasFailed) {
        state.phase = "refreshing";
        this.#ask(state, "snapshot", { prefix: state.prefix, nonce: this.#nonce() }, now);
      } else if (state.ahead.size > 0) {
        this.#catchUp(state, now);
      } else {
        state.hasFailed = false;
        this.#ask(state, "sequences", { prefix: state.prefix }, now);
      }
    }
  }

  // Transitions

  #join(state: Prefix, now: number, why: string): void {
    Object.assign(state, { phase: "joining", nonce: this.#nonce(), marked: false, snapshot: undefined, why });
    state.held = [];
    state.ahead.clear();
    state.fresh.clear();
    this.#commands.push({ kind: "subscribe", topic: `sync.${state.nonce}` });
    this.#ask(state, "snapshot", { prefix: state.prefix, nonce: state.nonce }, now);
  }

  #ask(state: Prefix, method: "snapshot" | "sequences", params: Data, now: number): void {
    state.token = ++this.#tokens;
    state.due = now + REPLY_WAIT;
    this.#commands.push({ kind: "ask", token: state.token, method, params });
  }

  #take(state: Prefix, topic: string, envelope: Envelope, now: number): void {
    const { epoch, seq } = envelope;
    const last = state.last(topic);
    if (epoch === state.epoch && seq === last + 1) {
      state.seqs.set(topic, seq);
      this.#deliver(state, topic, envelope, "live");
      this.#note(state, envelope, now);
    } else if (epoch !== state.epoch || seq > last) {
      const why = epoch !== state.epoch ? "the bridge has restarted" : `${seq - last - 1} events were lost on ${topic}`;
      this.#join(state, now, why);
      state.held.push([topic, envelope]);
    }
  }

  /** What the event says about its stream. */
  #note(state: Prefix, { event, data }: Envelope, now: number): void {
    const topic = data["topic"];
    if (typeof topic !== "string") return;
    if (event === "stale") state.stale.set(topic, data);
    if (event === "ended") this.#commands.push({ kind: "ended", topic, method: String(data["method"]) });
    if (event === "fresh") {
      state.stale.delete(topic);
      this.#refresh(state, topic, now);
    }
  }

  /** Takes the values below the topic anew, soon: what TWS has not told again does not hold any more (C6.38). */
  #refresh(state: Prefix, topic: string, now: number): void {
    state.fresh.add(topic);
    state.due = Math.min(state.due, now + SETTLE);
  }

  #deliver(state: Prefix, topic: string, envelope: Envelope | Data, origin: Origin): void {
    this.#events.push({ ...envelope, epoch: envelope["epoch"] ?? state.epoch, topic, origin } as unknown as StreamEvent);
  }

  #onMarker(nonce: string, now: number): void {
    for (const state of this.#prefixes) {
      if (state.phase !== "joining" || state.nonce !== nonce) continue;
      state.marked = true;
      this.#settle(state, now);
    }
  }

  /** Delivers the snapshot and what was held, if snapshot and marker have both arrived. */
  #settle(state: Prefix, now: number): void {
    const { snapshot, why } = state;
    if (snapshot === undefined || !state.marked) return;
    this.#commands.push({ kind: "unsubscribe", topic: `sync.${state.nonce}` });
    const epoch = String(snapshot["epoch"]);
    const known = epoch === state.epoch ? state.seqs : new Map<string, number>();
    state.epoch = epoch;
    if (why !== "") {
      const data = { prefix: state.prefix, reason: why };
      this.#events.push({ origin: "gap", event: "gap", topic: state.prefix, epoch, data });
      this.#commands.push({ kind: "checkHolds" });
    }
    this.#tellGaps(state, snapshot);
    for (const entry of snapshot["events"] as Data[]) {
      const topic = String(entry["topic"]);
      const isKnown = Number(entry["seq"]) <= (known.get(topic) ?? 0);
      this.#deliver(state, topic, entry, why === "" ? "snapshot" : isKnown ? "repeated" : "recovered");
    }
    state.seqs = numbers(snapshot["sequences"]);
    state.floors = numbers(snapshot["floors"]);
    state.snapshot = undefined;
    state.due = now + CHECK;
    state.held = state.held.filter(([, envelope]) => envelope.epoch === epoch);
    this.#release(state, now);
  }

  /** Says which streams are stale by now, and which are not any more. */
  #tellGaps(state: Prefix, snapshot: Data): void {
    const origin = state.why === "" ? "snapshot" : "recovered";
    const gaps = new Map((snapshot["gaps"] as Data[]).map((gap) => [String(gap["topic"]), gap]));
    for (const [topic, gap] of state.stale) if (!gaps.has(topic)) this.#tellFresh(state, topic, gap);
    for (const [topic, gap] of gaps) {
      const stale = { v: 1, ts: gap["since"], event: "stale", data: gap };
      this.#deliver(state, `${topic}stale`, stale, origin);
    }
    state.stale = gaps;
  }

  #tellFresh(state: Prefix, topic: string, gap: Data): void {
    const data = { stream: gap["stream"], topic, since: gap["since"], until: gap["since"] };
    this.#deliver(state, `${topic}fresh`, { v: 1, ts: gap["since"], event: "fresh", data }, "recovered");
  }

  /** Goes on live with the events that were held. */
  #release(state: Prefix, now: number): void {
    state.phase = "live";
    const held = state.held.splice(0);
    for (const [topic, envelope] of held) this.onEvent(topic, envelope, now);
  }

  /** Delivers the values of the streams that are fresh. An event that the snapshot has and we have not is held. */
  #repeat(state: Prefix, snapshot: Data | undefined, now: number): void {
    const { epoch } = state;
    const topics = [...state.fresh];
    state.due = now + (snapshot === undefined ? CATCH_UP : CHECK);
    state.hasFailed = snapshot === undefined;
    if (snapshot?.["epoch"] === epoch) {
      state.fresh.clear();
      for (const entry of snapshot["events"] as Data[]) {
        const topic = String(entry["topic"]);
        const isOld = Number(entry["seq"]) <= state.last(topic);
        if (isOld && topics.some((one) => topic.startsWith(one))) this.#deliver(state, topic, entry, "repeated");
      }
    }
    this.#release(state, now);
    const hasRestarted = snapshot !== undefined && snapshot["epoch"] !== epoch;
    if (hasRestarted && state.phase === "live") this.#join(state, now, "the bridge has restarted");
  }

  /** The bridge does not answer, so nobody knows whether the values are current. */
  #onSilence(state: Prefix, now: number): void {
    state.due = now + MARKER_WAIT;
    if (state.stale.has(state.prefix)) return;
    const since = this.#wall();
    const gap = { stream: "", topic: state.prefix, reason: "the bridge does not answer", since };
    state.stale.set(state.prefix, gap);
    const stale = { v: 1, ts: since, event: "stale", data: gap };
    this.#deliver(state, `${state.prefix}stale`, stale, "live");
  }

  /** Compares the bridge's numbers with ours. A missing event may still be on its way, so it checks again later. */
  #compare(state: Prefix, told: Data, now: number): void {
    state.due = now + CHECK;
    const floors = numbers(told["floors"]);
    const sameFloors = floors.size === state.floors.size && [...floors].every(([key, n]) => state.floors.get(key) === n);
    if (told["epoch"] !== state.epoch) {
      this.#join(state, now, "the bridge has restarted");
    } else if (!sameFloors) {
      const why = "the bridge has forgotten the numbers of old topics, so the client cannot detect losses there";
      this.#join(state, now, why);
    } else {
      this.#onAnswer(state, now);
      state.ahead = new Map([...numbers(told["sequences"])].filter(([topic, seq]) => seq > state.last(topic)));
      if (state.ahead.size > 0) state.due = Math.min(state.due, now + CATCH_UP);
    }
  }

  /** The bridge answers again after `#onSilence`. */
  #onAnswer(state: Prefix, now: number): void {
    const gap = state.stale.get(state.prefix);
    if (gap?.["stream"] !== "") return;
    state.stale.delete(state.prefix);
    this.#tellFresh(state, state.prefix, gap);
    this.#refresh(state, state.prefix, now);
  }

  #catchUp(state: Prefix, now: number): void {
    const lost = [...state.ahead].filter(([topic, seq]) => seq > state.last(topic)).map(([topic]) => topic);
    state.ahead.clear();
    state.due = now + CHECK;
    if (lost.length > 0) this.#join(state, now, `the last events on ${lost.sort().slice(0, 3).join(", ")} were lost`);
  }
}
