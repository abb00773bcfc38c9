// The follower of the order log, without a socket: whatever is lost, repeated or restarted, each event comes once.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Data } from "../codec.js";
import type { Command, Envelope, LogPosition } from "../events.js";
import { LogFollower } from "../orderlog.js";
import { Random } from "./random.js";

type Ask = Extract<Command, { kind: "ask" }>;

/** A bridge's order log, from which a follower reads and hears. */
class Log {
  epoch = "e1";
  readonly events: Data[] = [];

  constructor(readonly name = "log-1") {}

  add(): number {
    const n = this.events.length + 1;
    this.events.push({ n, ts: n, topic: "order.alice.k.orderStatus", event: "orderStatus", data: { n } });
    return n;
  }

  read(after: unknown, limit = 500): Data {
    const events = this.events.slice(Number(after), Number(after) + limit);
    return { epoch: this.epoch, log: this.name, head: this.events.length, events };
  }
}

/** A follower, and what it has made of the events: lost with a crash unless its position was stored with it. */
class Consumer {
  readonly follower: LogFollower;
  now = 0;
  asked: Ask[] = [];

  constructor(public log: Log, public position: LogPosition | null = null, readonly taken: (number | string)[] = []) {
    this.follower = new LogFollower("alice", position);
    this.follower.start(this.now);
    this.step();
  }

  step(): void {
    this.asked.push(...this.follower.commands().filter((one): one is Ask => one.kind === "ask"));
    for (const event of this.follower.events()) {
      this.taken.push(event.origin === "gap" ? "gap" : event.n);
      this.position = event.position;
    }
  }

  hear(n: number): void {
    const event = this.log.events[n - 1];
    this.follower.onEvent(String(event?.["topic"]), { ...event, epoch: this.log.epoch } as Envelope, this.now);
    this.step();
  }

  head(head = this.log.events.length): void {
    const body = { event: "head", epoch: this.log.epoch, seq: 1, data: { log: this.log.name, head } };
    this.follower.onEvent("order.alice.head", body, this.now);
    this.step();
  }

  answer(limit = 500): void {
    const ask = this.asked.shift();
    if (ask !== undefined) this.follower.onReply(ask.token, this.log.read(ask.params["after"], limit), this.now);
    this.step();
  }

  wait(): void {
    this.now += 6;
    this.follower.onTimer(this.now);
    this.step();
  }

  reconnect(): void {
    this.follower.onReconnect(this.now);
    this.step();
  }
}

function filled(count: number, name?: string): Log {
  const log = new Log(name);
  for (let n = 0; n < count; n++) log.add();
  return log;
}

test("first the log is read, then what follows is taken", () => {
  const log = filled(2);
  const consumer = new Consumer(log);
  consumer.answer();
  consumer.hear(log.add());
  assert.deepEqual(consumer.taken, [1, 2, 3]);
  assert.deepEqual(consumer.position, { log: "log-1", n: 3 });
  assert.deepEqual(consumer.asked, []);
});

test("a jump, a head that is further on, and a new connection are reasons to read", () => {
  const log = new Log();
  const consumer = new Consumer(log);
  consumer.answer();
  log.add();
  consumer.hear(log.add());
  assert.deepEqual(consumer.taken, []);
  consumer.answer();
  log.add();
  consumer.head();
  consumer.answer();
  log.add();
  consumer.reconnect();
  consumer.answer();
  assert.deepEqual(consumer.taken, [1, 2, 3, 4]);
});

test("a question without an answer is asked again, and a late answer is ignored", () => {
  const consumer = new Consumer(new Log());
  const first = consumer.asked.pop();
  consumer.wait();
  assert.deepEqual(consumer.asked[0]?.params, first?.params);
  consumer.follower.onReply(first?.token ?? 0, filled(1, "other").read(0), consumer.now);
  consumer.answer();
  assert.deepEqual(consumer.taken, []);
});

test("an answer that is older than a published event is not taken for a log that was set back", () => {
  const log = filled(1);
  const consumer = new Consumer(log);
  consumer.answer();
  consumer.reconnect();
  const ask = consumer.asked.shift();
  const old = log.read(ask?.params["after"]);
  consumer.hear(log.add());
  consumer.follower.onReply(ask?.token ?? 0, old, consumer.now);
  consumer.step();
  consumer.answer();
  assert.deepEqual(consumer.taken, [1, 2]);
});

test("another log is a gap, and is read from its beginning", () => {
  const consumer = new Consumer(filled(3, "log-2"), { log: "log-1", n: 2 });
  consumer.answer();
  consumer.answer();
  assert.deepEqual(consumer.taken, ["gap", 1, 2, 3]);
});

test("an event of another epoch is read from the log, and not taken", () => {
  const consumer = new Consumer(filled(1));
  consumer.answer();
  consumer.log = filled(2, "log-2");
  consumer.log.epoch = "e2";
  consumer.hear(2);
  assert.deepEqual(consumer.taken, [1]);
  consumer.answer();
  consumer.answer();
  assert.deepEqual(consumer.taken, [1, "gap", 1, 2]);
  consumer.hear(consumer.log.add());
  assert.deepEqual(consumer.taken.at(-1), 3);
});

test("a log that was set back is a gap, also where only the head says so", () => {
  const log = filled(1);
  const consumer = new Consumer(log, { log: "log-1", n: 5 });
  consumer.answer();
  consumer.hear(log.add());
  assert.deepEqual(consumer.taken, ["gap", 2]);
  log.events.pop();
  consumer.head();
  consumer.answer();
  assert.deepEqual(consumer.taken, ["gap", 2, "gap"]);
});

test("whatever happens, each event comes once and in order", () => {
  const steps = ["add", "hear", "lose", "late", "head", "answer", "page", "drop", "wait", "anew", "crash"];
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Random(seed);
    const log = filled(1);
    let consumer = new Consumer(log);
    for (let count = random.below(80); count > 0; count--) {
      const step = random.pick(steps);
      if (step === "add" || step === "lose") log.add();
      if (step === "hear") consumer.hear(log.add());
      if (step === "late") consumer.hear(1 + Math.floor(log.events.length / 2));
      if (step === "head") consumer.head();
      if (step === "answer") consumer.answer();
      if (step === "page") consumer.answer(1);
      if (step === "drop") consumer.asked.shift();
      if (step === "wait") consumer.wait();
      if (step === "anew") consumer.reconnect();
      if (step === "crash") consumer = new Consumer(log, consumer.position, consumer.taken);
    }
    consumer.wait();
    consumer.head();
    while (consumer.asked.length > 0) consumer.answer();
    assert.deepEqual(consumer.taken, log.events.map((one) => one["n"]), `seed ${seed}`);
  }
});
