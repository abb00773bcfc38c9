// Joining late and finding gaps, step by step, with maps in place of a bridge and its sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Data } from "../codec.js";
import type { Command, Envelope, StreamEvent } from "../events.js";
import { CATCH_UP, CHECK, Follower, MARKER_WAIT, REPLY_WAIT, SETTLE } from "../follow.js";
import { Random } from "./random.js";

type Ask = Extract<Command, { kind: "ask" }>;
const TICK = "market.1.tick";

function envelope(seq: number, epoch = "e1", event = "tick", data: Data = {}): Envelope {
  return { v: 1, epoch, seq, ts: 1, event, data };
}

/** A follower with what it asked for and what it gave out. */
class Desk {
  readonly follower: Follower;
  now = 100;
  commands: Command[] = [];
  events: StreamEvent[] = [];
  #nonces = 0;

  constructor(...prefixes: string[]) {
    const nonce = (): string => `n${++this.#nonces}`;
    this.follower = new Follower(prefixes.length > 0 ? prefixes : ["market."], nonce, () => 7n);
    this.follower.start(this.now);
    this.collect();
  }

  collect(): void {
    this.commands.push(...this.follower.commands());
    this.events.push(...this.follower.events());
  }

  hear(topic: string, body: Envelope): void {
    this.follower.onEvent(topic, body, this.now);
    this.collect();
  }

  live(seq: number, topic = TICK, epoch = "e1"): void {
    this.hear(topic, envelope(seq, epoch));
  }

  stream(event: "stale" | "fresh" | "ended", seq: number, more: Data = {}): void {
    const topic = `market.1.${event}`;
    this.hear(topic, envelope(seq, "e1", event, { stream: "1", topic: "market.1.", method: "reqMktData", ...more }));
  }

  marker(): void {
    this.hear(`sync.${String(this.asked("snapshot").at(-1)?.params["nonce"])}`, envelope(1));
  }

  reply(result: Data | undefined): void {
    this.follower.onReply(this.asks().at(-1)?.token ?? 0, result, this.now);
    this.collect();
  }

  snapshot(sequences: Data, values: [string, number, Data?][] = [], more: Data = {}): void {
    const events = values.map(([topic, seq, extra]) => ({ topic, ...envelope(seq), ...extra }));
    this.reply({ epoch: "e1", prefix: "market.", sequences, floors: {}, events, gaps: [], ...more });
  }

  sequences(sequences: Data, more: Data = {}): void {
    this.reply({ epoch: "e1", sequences, floors: {}, ...more });
  }

  join(sequences: Data = {}, values: [string, number, Data?][] = [], more: Data = {}): void {
    this.marker();
    this.snapshot(sequences, values, more);
  }

  wait(seconds: number): void {
    this.now += seconds;
    this.follower.onTimer(this.now);
    this.collect();
  }

  asks(): Ask[] {
    return this.commands.filter((one): one is Ask => one.kind === "ask");
  }

  asked(method: string): Ask[] {
    return this.asks().filter((one) => one.method === method);
  }

  kinds(): string[] {
    return this.commands.map((one) => one.kind);
  }

  origins(): string[] {
    return this.events.map((one) => one.origin);
  }

  seqs(origin: string): unknown[] {
    return this.events.filter((one) => one.origin === origin).map((one) => (one.origin === "gap" ? 0 : one.seq));
  }

  gaps(): string[] {
    return this.events.flatMap((one) => (one.origin === "gap" ? [one.data.reason] : []));
  }
}

test("it subscribes to the prefix, then to its marker, then asks", () => {
  assert.deepEqual(new Desk().commands, [
    { kind: "subscribe", topic: "market." },
    { kind: "subscribe", topic: "sync.n1" },
    { kind: "ask", token: 1, method: "snapshot", params: { prefix: "market.", nonce: "n1" } },
  ]);
});

for (const isMarkerFirst of [true, false]) {
  test(`what came meanwhile waits, and only what is newer follows (marker first: ${isMarkerFirst})`, () => {
    const desk = new Desk();
    desk.live(4);
    desk.live(5);
    const steps = [() => desk.marker(), () => desk.snapshot({ [TICK]: 5 }, [[TICK, 3], [TICK, 5]])];
    if (!isMarkerFirst) steps.reverse();
    steps[0]?.();
    desk.live(6);
    assert.deepEqual(desk.events, []);
    steps[1]?.();
    desk.live(7);
    assert.deepEqual(desk.seqs("snapshot"), [3, 5]);
    assert.deepEqual(desk.seqs("live"), [6, 7]);
    assert.deepEqual(desk.commands.at(-1), { kind: "unsubscribe", topic: "sync.n1" });
  });
}

test("without a marker the snapshot is asked again, with the same nonce", () => {
  const desk = new Desk();
  desk.snapshot({});
  desk.wait(MARKER_WAIT);
  assert.deepEqual(desk.asked("snapshot").map((one) => one.params["nonce"]), ["n1", "n1"]);
  desk.marker();
  desk.snapshot({ [TICK]: 2 });
  desk.live(3);
  assert.deepEqual(desk.seqs("live"), [3]);
});

test("without a reply the snapshot is asked again, and an old reply does not count", () => {
  const desk = new Desk();
  const [first] = desk.asks();
  desk.reply(undefined);
  desk.wait(MARKER_WAIT);
  desk.wait(REPLY_WAIT);
  assert.equal(desk.asked("snapshot").length, 3);
  desk.marker();
  desk.follower.onReply(first?.token ?? 0, { epoch: "e1", sequences: {}, floors: {}, events: [], gaps: [] }, desk.now);
  assert.equal(desk.follower.isLive, false);
});

test("a hole is a gap and a new snapshot; what was known before is repeated", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 1 });
  desk.live(2);
  desk.live(5);
  assert.deepEqual(desk.seqs("live"), [2]);
  desk.join({ [TICK]: 6 }, [[TICK, 2], [TICK, 6]]);
  assert.deepEqual(desk.gaps(), [`2 events were lost on ${TICK}`]);
  assert.deepEqual(desk.seqs("repeated"), [2]);
  assert.deepEqual(desk.seqs("recovered"), [6]);
  assert.ok(desk.kinds().includes("checkHolds"));
  desk.live(7);
  assert.deepEqual(desk.seqs("live"), [2, 7]);
});

test("a repeat is dropped", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 3 });
  desk.live(3);
  assert.deepEqual(desk.events, []);
  assert.equal(desk.asked("snapshot").length, 1);
});

test("a new epoch is a gap and everything anew", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 9 }, [[TICK, 9]]);
  desk.live(1, TICK, "e2");
  desk.join({ [TICK]: 2 }, [[TICK, 2]], { epoch: "e2" });
  assert.deepEqual(desk.origins(), ["snapshot", "gap", "recovered"]);
  assert.deepEqual(desk.gaps(), ["the bridge has restarted"]);
  desk.live(3, TICK, "e2");
  assert.deepEqual(desk.seqs("live"), [3]);
});

test("events of an old epoch that waited are forgotten", () => {
  const desk = new Desk();
  desk.live(5, TICK, "e0");
  desk.join({ [TICK]: 1 });
  desk.live(2);
  assert.deepEqual(desk.seqs("live"), [2]);
  assert.equal(desk.asked("snapshot").length, 1);
});

test("a reconnected socket is a gap", () => {
  const desk = new Desk();
  desk.join();
  desk.follower.onReconnect(desk.now);
  desk.collect();
  desk.join();
  assert.deepEqual(desk.origins(), ["gap"]);
});

test("a lost last event is found by its number, and one that was only on its way is no loss", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 1 });
  desk.wait(CHECK);
  desk.sequences({ [TICK]: 2 });
  desk.live(2);
  desk.wait(CATCH_UP);
  assert.equal(desk.asked("snapshot").length, 1);
  desk.wait(CHECK);
  desk.sequences({ [TICK]: 3 });
  desk.wait(CATCH_UP);
  assert.equal(desk.asked("snapshot").length, 2);
  desk.join({ [TICK]: 3 });
  assert.deepEqual(desk.gaps(), [`the last events on ${TICK} were lost`]);
});

test("a restart in silence is found", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 1 });
  desk.wait(CHECK);
  desk.sequences({}, { epoch: "e2" });
  assert.equal(desk.asked("snapshot").length, 2);
});

test("a topic that the snapshot does not have begins after its floor", () => {
  const desk = new Desk("");
  desk.join({ [TICK]: 3 }, [], { floors: { market: 40 } });
  desk.live(41, "market.2.tick");
  desk.live(4);
  desk.live(1, "order.alice.k1.openOrder");
  assert.deepEqual(desk.seqs("live"), [41, 4, 1]);
  desk.live(42, "market.3.tick");
  assert.equal(desk.asked("snapshot").length, 2);
});

test("a floor that rises may hide a loss", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 1 });
  desk.wait(CHECK);
  desk.sequences({ [TICK]: 1 }, { floors: { market: 40 } });
  desk.join({ [TICK]: 1 }, [], { floors: { market: 40 } });
  desk.wait(CHECK);
  desk.sequences({ [TICK]: 1 }, { floors: { market: 40 } });
  assert.equal(desk.asked("snapshot").length, 2);
  assert.match(desk.gaps()[0] ?? "", /forgotten/);
});

test("a prefix within another is left out, and foreign markers are ignored", () => {
  const desk = new Desk("", "market.", "market.1.");
  const topics = desk.commands.flatMap((one) => (one.kind === "subscribe" ? [one.topic] : []));
  assert.deepEqual(topics, ["", "sync.n1"]);
  desk.hear("sync.other", envelope(1));
  desk.snapshot({});
  assert.equal(desk.follower.isLive, false);
});

test("a snapshot tells the streams that are out, and a later one those that are not any more", () => {
  const desk = new Desk();
  const gap = { stream: "1", topic: "market.1.", reason: "lost", since: 7n };
  desk.join({}, [], { gaps: [gap] });
  const [stale] = desk.events;
  assert.deepEqual([stale?.topic, stale?.event, stale?.origin, stale?.data], ["market.1.stale", "stale", "snapshot", gap]);
  desk.follower.onReconnect(desk.now);
  desk.collect();
  desk.join();
  assert.deepEqual(desk.events.slice(1).map((one) => one.event), ["gap", "fresh"]);
});

test("after fresh the values are told again, and no event is lost meanwhile", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 2, "market.2.tick": 1 });
  desk.stream("stale", 1);
  desk.stream("fresh", 1);
  desk.live(3);
  desk.wait(SETTLE);
  desk.live(4);
  desk.live(5);
  desk.snapshot({ [TICK]: 5 }, [[TICK, 2], [TICK, 5], ["market.2.tick", 1]]);
  assert.deepEqual(desk.seqs("repeated"), [2]);
  assert.deepEqual(desk.seqs("live"), [1, 1, 3, 4, 5]);
  assert.deepEqual(desk.gaps(), []);
});

test("what was held for a snapshot after fresh is delivered where none comes", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 2 });
  desk.stream("fresh", 1);
  desk.wait(SETTLE);
  desk.live(3);
  desk.wait(REPLY_WAIT);
  assert.deepEqual(desk.seqs("live"), [1, 3]);
  desk.wait(CATCH_UP);
  assert.equal(desk.asks().at(-1)?.method, "sequences");
  desk.sequences({ [TICK]: 3 });
  desk.wait(CHECK);
  assert.equal(desk.asked("snapshot").length, 3);
});

test("a bridge that does not answer makes its values uncertain until it answers", () => {
  const desk = new Desk();
  desk.join({ [TICK]: 2 });
  desk.wait(CHECK);
  desk.reply(undefined);
  desk.wait(MARKER_WAIT);
  desk.reply(undefined);
  desk.wait(MARKER_WAIT);
  desk.sequences({ [TICK]: 2 });
  assert.deepEqual(desk.events.map((one) => [one.event, one.topic]), [
    ["stale", "market.stale"],
    ["fresh", "market.fresh"],
  ]);
});

test("the end of a stream is told, and the hold is over", () => {
  const desk = new Desk();
  desk.join();
  desk.stream("ended", 1);
  assert.deepEqual(desk.commands.at(-1), { kind: "ended", topic: "market.1.", method: "reqMktData" });
  assert.equal(desk.events.at(-1)?.event, "ended");
});

test("whatever is lost, the program believes in the end what the bridge has, and no loss is hidden", () => {
  const topics = [TICK, "market.2.tick"];
  for (let seed = 1; seed <= 400; seed++) {
    const random = new Random(seed);
    const desk = new Desk();
    const published = new Map<string, number>();
    let epoch = "e1";
    let waiting: Ask[] = [];
    const answer = (ask: Ask): void => {
      const sequences = Object.fromEntries(published);
      const events = [...published].map(([topic, seq]) => ({ topic, ...envelope(seq, epoch) }));
      if (ask.method === "snapshot") desk.hear(`sync.${String(ask.params["nonce"])}`, envelope(1, epoch));
      desk.follower.onReply(ask.token, { epoch, sequences, floors: {}, events, gaps: [] }, desk.now);
      desk.collect();
    };
    const step = (what: string): void => {
      const topic = random.pick(topics);
      const seq = (published.get(topic) ?? 0) + 1;
      if (what === "publish" || what === "lose") published.set(topic, seq);
      if (what === "publish") desk.live(seq, topic, epoch);
      if (what === "fresh") {
        const fresh = (published.get("market.1.fresh") ?? 0) + 1;
        published.set("market.1.fresh", fresh);
        desk.hear("market.1.fresh", envelope(fresh, epoch, "fresh", { topic: "market.1." }));
      }
      if (what === "restart") [epoch] = [`${epoch}x`, published.clear()];
      if (what === "reconnect") desk.follower.onReconnect(desk.now);
      if (what === "fail" && waiting.length > 0) desk.follower.onReply(waiting.shift()?.token ?? 0, undefined, desk.now);
      if (what === "answer" && waiting.length > 0) answer(waiting.shift() as Ask);
      if (what === "wait") desk.wait(random.pick([0.1, 0.3, 1, 5]));
      desk.collect();
      waiting.push(...desk.asks());
      desk.commands = [];
    };
    const steps = ["publish", "publish", "publish", "lose", "fresh", "answer", "answer", "fail", "wait", "reconnect", "restart"];
    for (let count = random.below(60); count > 0; count--) step(random.pick(steps));
    for (let count = 0; count < 30; count++) {
      waiting = waiting.slice(-1);
      step("answer");
      step("wait");
    }
    const believed = new Map<string, number>();
    for (const event of desk.events) {
      if (event.origin === "gap") {
        believed.clear();
        continue;
      }
      const before = believed.get(event.topic) ?? 0;
      const isSound = event.origin !== "live" || event.seq === before + 1 || !believed.has(event.topic);
      assert.ok(isSound, `seed ${seed}: ${event.topic} ${before} -> ${event.seq}`);
      believed.set(event.topic, event.seq ?? 0);
    }
    for (const topic of topics) assert.equal(believed.get(topic), published.get(topic), `seed ${seed}: ${topic}`);
  }
});
