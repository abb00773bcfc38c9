// The client against a real bridge and simulator: `node --test bridge.live.js`, with the endpoints in the environment.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { BridgeClient, BridgeError, ClosedError, extra, limit, stock, type ClientOptions, type StreamEvent } from "../index.js";

const AAPL = { conId: 265598, exchange: "SMART" };
const endpoints: ClientOptions = {
  requests: process.env["TWS_BRIDGE_REQUESTS"] ?? "", events: process.env["TWS_BRIDGE_EVENTS"] ?? "",
};
let client: BridgeClient;
const others: BridgeClient[] = [];

/** Another client for one test: it is closed also where the test fails. */
function another(name: string, more: ClientOptions = {}): BridgeClient {
  const made = new BridgeClient(name, { ...endpoints, ...more });
  others.push(made);
  return made;
}

before(() => {
  client = new BridgeClient("live", endpoints);
});
after(() => client.close());
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});

/** The events of the iterator until this one. */
async function until<E>(events: AsyncIterable<E>, isLast: (event: E) => boolean): Promise<E[]> {
  const found: E[] = [];
  for await (const event of events) {
    found.push(event);
    if (isLast(event)) break;
  }
  return found;
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof BridgeError && error.code === expected;
}

test("a request has its result, with exact times", async () => {
  const details = await client.reqContractDetails({ contract: stock("AAPL") });
  const [first] = details;
  assert.ok(first?.event === "contractDetails");
  assert.equal(first.data.contract?.conId, 265598);
  const { ts } = await client.ping();
  assert.equal(typeof ts, "bigint");
  assert.ok(Math.abs(Number(ts / 1_000_000n) - Date.now()) < 60_000);
});

test("an error has its code, and names the field at fault", async () => {
  const wrong = { contract: { ...AAPL, strike: "no" } };
  await assert.rejects(client.requestUntyped("reqContractDetails", wrong), (error) => {
    assert.ok(error instanceof BridgeError && error.is("invalidParams"));
    assert.match(String(error.data.field), /strike/);
    return true;
  });
  await assert.rejects(client.requestUntyped("noSuchMethod"), code("unknownMethod"));
});

test("many requests at once are all answered", async () => {
  const calls = Array.from({ length: 2_000 }, () => client.ping({}, { timeout: 20 }));
  assert.equal((await Promise.all(calls)).length, 2_000);
});

test("a subscription begins with the last values and goes on live; the event loop is never blocked", async () => {
  const { topic } = await client.reqMktData({ contract: AAPL });
  assert.deepEqual(client.holds.map((one) => one.topic), [topic]);
  let longest = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  const seen: StreamEvent[] = [];
  const feed = client.subscribe(topic);
  for await (const event of feed) if (seen.push(event) === 500) break;
  clearInterval(pulse);
  assert.equal(feed.isLive, true);
  assert.ok(seen.some((one) => one.origin === "live"));
  assert.ok(seen.every((one) => one.topic.startsWith(topic) && one.origin !== "gap"));
  assert.ok(longest < 250, `the event loop was blocked for ${longest} ms`);
  assert.deepEqual(await feed.next(), { done: true, value: undefined });
});

test("a late program gets the values that others have heard", async () => {
  const [first] = await until(client.subscribe(["market.", "system."]), (one) => one.event === "tickPrice");
  assert.equal(first?.origin, "snapshot");
});

test("an order is placed once under its key, and its events come from the log", async () => {
  const params = { orderKey: "live-1", contract: AAPL, order: limit("BUY", 1, 1) };
  const [one, other] = await Promise.all([client.placeOrderUntilKnown(params), client.placeOrderUntilKnown(params)]);
  assert.equal(one.state, "acknowledged");
  assert.equal(one.orderId, other.orderId);
  assert.match(one.permId ?? "", /^\d+$/);
  await assert.rejects(client.placeOrder({ ...params, order: limit("BUY", 2, 1) }), code("keyConflict"));
  await client.cancelOrder({ orderKey: "live-1" });
  const isOver = (event: { event: string; data: object }): boolean => extra(event.data, "status") === "Cancelled";
  const events = await until(client.orders(), isOver);
  assert.deepEqual(events.map((event) => event.position.n), events.map((_, index) => index + 1));
  const again = client.orders(events.at(-2)?.position ?? null);
  assert.deepEqual((await until(again, isOver)).map((event) => event.position), [events.at(-1)?.position]);
});

test("a hold ends with its release", async () => {
  const { stream, topic } = await client.reqMktData({ contract: { conId: 8314, exchange: "SMART" } });
  assert.ok(client.holds.some((one) => one.topic === topic));
  await client.release({ stream });
  assert.ok(!client.holds.some((one) => one.topic === topic));
});

test("a misspelt prefix is an error and not silence", async () => {
  const feed = client.subscribe("markt.");
  await assert.rejects(feed.next(), code("invalidParams"));
  feed.close();
});

test("a signal ends a call, an iteration, and nothing else", async () => {
  const stopped = new AbortController();
  const call = client.awaitOrder({ orderKey: "live-1", until: "acknowledged" }, { signal: stopped.signal });
  const slow = client.request("awaitOrder", { orderKey: "nobody", until: "ended" }, { signal: AbortSignal.abort() });
  await assert.rejects(slow, { name: "AbortError" });
  await call;
  const feed = client.subscribe("scanner.", { signal: stopped.signal });
  const next = feed.next();
  stopped.abort(new Error("enough"));
  await assert.rejects(next, /enough/);
  assert.deepEqual(await feed.next(), { done: true, value: undefined });
  assert.throws(() => client.subscribe("scanner.", { signal: stopped.signal }), /enough/);
  await client.ping();
});

test("a newer run fences the older, also while it waits for an event", async () => {
  const older = another("twin", { instance: "run-1" });
  await older.status();
  const next = older.subscribe("scanner.").next();
  const newer = another("twin", { instance: "run-2" });
  await newer.status();
  const order = { orderKey: "twin-1", contract: AAPL, order: limit("BUY", 1, 1) };
  await assert.rejects(older.placeOrderUntilKnown(order), code("fenced"));
  await assert.rejects(next, code("fenced"));
  await assert.rejects(older.ping(), code("fenced"));
  assert.equal(older.fenced?.code, "fenced");
  assert.equal(newer.fenced, undefined);
});

test("what waits ends when the client is closed", async () => {
  const other = another("other");
  const feed = other.subscribe("scanner.");
  const next = feed.next();
  const call = other.request("awaitOrder", { orderKey: "nobody", until: "ended" });
  const ended = assert.rejects(call, (error) => error instanceof ClosedError || code("unknownOrder")(error));
  await other.close();
  await ended;
  assert.deepEqual(await next, { done: true, value: undefined });
  await assert.rejects(other.ping(), ClosedError);
  assert.throws(() => other.subscribe(), ClosedError);
  assert.throws(() => new BridgeClient("no blanks"), RangeError);
});
