// placeOrderUntilKnown against a socket that stands for the bridge, and never says how the order stands.

import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { decode, encode } from "@msgpack/msgpack";
import { Router } from "zeromq";
import { limit, stock } from "../builders.js";
import { BridgeClient } from "../client.js";
import { BridgeError, BridgeTimeout } from "../errors.js";

const TIMEOUT = 5;
/** Without a timeout of the whole call it would not end at all. */
const PATIENCE = 20_000;

type Asked = { id: string; method: string; params: { orderKey?: string }; timeout: number; expires?: number };

/** A bridge that gives this answer to each order. `asked` are the orders that it gets. */
async function bridge(answer: object): Promise<{ requests: string; asked: Asked[]; close: () => void }> {
  const socket = new Router({ linger: 0 });
  await socket.bind("tcp://127.0.0.1:*");
  const asked: Asked[] = [];
  void (async () => {
    for await (const frames of socket) {
      const request = decode(frames.at(-1) as Buffer) as Asked;
      const isOrder = request.method === "placeOrder";
      if (isOrder) asked.push(request);
      const reply = { v: 1, id: request.id, ...(isOrder ? answer : { ok: true, result: {} }) };
      await socket.send([...frames.slice(0, -1), encode(reply)]);
    }
  })();
  return { requests: socket.lastEndpoint ?? "", asked, close: () => socket.close() };
}

/** What becomes of the call, and after how many seconds. */
async function placed(requests: string): Promise<[unknown, number]> {
  const client = new BridgeClient("known", { requests, events: "tcp://127.0.0.1:9" });
  const params = { orderKey: "one", contract: stock("AAPL"), order: limit("BUY", 1, 1) };
  const began = performance.now();
  try {
    const options = { timeout: TIMEOUT, signal: AbortSignal.timeout(PATIENCE) };
    return [await client.placeOrderUntilKnown(params, options), (performance.now() - began) / 1000];
  } catch (error) {
    return [error, (performance.now() - began) / 1000];
  } finally {
    await client.close();
  }
}

test("the timeout is that of the whole call, and each try gets what is left of it", async () => {
  const { requests, asked, close } = await bridge({ ok: true, kind: "order", result: { orderKey: "one", state: "sent" } });
  const [error, seconds] = await placed(requests);
  close();
  assert.ok(error instanceof BridgeTimeout, String(error));
  assert.match(error.message, /^noBridge: no answer to placeOrder in 5 s: it is not known in time how the order one stands$/);
  assert.ok(seconds <= 2 * TIMEOUT, `${seconds} s`);
  assert.ok(asked.length >= 2, `${asked.length} tries`);
  assert.ok(asked.every((one) => one.params.orderKey === "one" && one.expires !== undefined));
  const given = asked.map((one) => one.timeout);
  assert.ok(given.every((one, place) => place === 0 || one < (given[place - 1] ?? 0)), `${given}`);
});

test("an error that passes is thrown when the time is over", async () => {
  const { requests, asked, close } = await bridge({ ok: false, error: { code: "notConnected", message: "no TWS" } });
  const [error, seconds] = await placed(requests);
  close();
  assert.ok(error instanceof BridgeError && error.is("notConnected"), String(error));
  assert.ok(seconds <= 2 * TIMEOUT, `${seconds} s`);
  assert.ok(asked.length >= 2, `${asked.length} tries`);
});

test("without a bridge it ends with its timeout", async () => {
  const [error, seconds] = await placed("tcp://127.0.0.1:9");
  assert.ok(error instanceof BridgeTimeout, String(error));
  assert.ok(seconds <= 2 * TIMEOUT, `${seconds} s`);
});
