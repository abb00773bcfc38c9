// A feed with a real socket in the same process, and a state machine that only counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Publisher } from "zeromq";
import { pack } from "../codec.js";
import type { Command, Machine } from "../events.js";
import { Feed, type Host } from "../feed.js";

class Counter implements Machine<number> {
  #events: number[] = [];
  #commands: Command[] = [];
  timers = 0;

  start(): void {
    this.#commands.push({ kind: "subscribe", topic: "market." });
  }

  onEvent(_: string, { seq }: { seq: number }): void {
    this.#events.push(seq);
  }

  onReply(): void {}
  onReconnect(): void {}

  onTimer(): void {
    this.timers += 1;
  }

  nextTimer(): number {
    return 0;
  }

  isPatient(): boolean {
    return true;
  }

  commands(): Command[] {
    return this.#commands.splice(0);
  }

  events(): number[] {
    return this.#events.splice(0);
  }
}

test("a program that does not read makes no event look lost: timers wait for what has arrived", async (context) => {
  const publisher = new Publisher({ sendHighWaterMark: 0, linger: 0 });
  await publisher.bind("tcp://127.0.0.1:*");
  const host: Host = {
    events: publisher.lastEndpoint ?? "", curve: undefined, fenced: undefined, now: () => performance.now() / 1000,
    ask: () => new Promise(() => undefined), checkHolds: () => undefined, onEnded: () => undefined, forget: () => undefined,
  };
  const machine = new Counter();
  const feed = new Feed(host, machine, undefined);
  context.after(() => [feed.close(), publisher.close()]);
  let seq = 0;
  const publish = (): Promise<void> =>
    publisher.send(["market.1.tick", pack({ v: 1, epoch: "e", seq: ++seq, ts: 1, event: "tick", data: {} })]);
  while (machine.timers < 3) await sleep(10);
  const first = feed.next();
  for (let isHeard = false; !isHeard; ) {
    await publish();
    isHeard = await Promise.race([first.then(() => true), sleep(20).then(() => false)]);
  }
  const before = seq;
  for (let count = 0; count < 15_000; count++) await publish();
  await sleep(300);
  const paused = machine.timers;
  await sleep(300);
  assert.equal(machine.timers, paused, "a timer has fired while events were waiting");
  let last = 0;
  while (last < before + 15_000) {
    const { value } = await feed.next();
    assert.ok(value !== undefined && (last === 0 || value === last + 1));
    last = value;
  }
  while (machine.timers < paused + 3) await sleep(10);
  feed.close();
  assert.deepEqual(await feed.next(), { done: true, value: undefined });
});
