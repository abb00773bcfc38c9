// Open requests, holds, connections, keys and bytes, each without a socket.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decode, encode } from "@msgpack/msgpack";
import { forex, limit, market, option, stock, stop } from "../builders.js";
import { Calls, KEEP_ALIVE, RESEND, RETRY, type Call, type Outcome } from "../calls.js";
import { checkKey, checkKeys, checkOptions } from "../checks.js";
import { BridgeClient } from "../client.js";
import { pack, unpack, type Data } from "../codec.js";
import { Connection } from "../connection.js";
import { extra } from "../dispose.js";
import { BridgeError, BridgeTimeout } from "../errors.js";
import { Holds } from "../holds.js";
import { KeyFileError, loadCurve } from "../keys.js";

function made(calls: Calls, method = "ping", now = 0, timeout = 10, more: object = {}): [Call, Outcome[]] {
  const outcomes: Outcome[] = [];
  const call = calls.make(method, {}, { timeout, ...more }, now, (outcome) => outcomes.push(outcome));
  calls.onSent(call, true, now);
  return [call, outcomes];
}

function reply(call: Call, body: Data): Uint8Array {
  return encode({ v: 1, id: call.id, ...body });
}

function error(outcome: Outcome | undefined): unknown {
  return outcome !== undefined && "error" in outcome ? outcome.error : undefined;
}

test("each request has an id of its own, and says what the contract asks", () => {
  const calls = new Calls("alice", undefined, "run", 0);
  const [one] = made(calls, "ping", 0, 10, { wait: false, fresh: true });
  const [other] = made(calls);
  assert.notEqual(one.id, other.id);
  assert.deepEqual(decode(one.body), {
    id: "run-1", v: 1, client: "alice", method: "ping", params: {}, timeout: 8.5, wait: false, fresh: true,
  });
  assert.deepEqual(Object.keys(decode(other.body) as object), ["id", "v", "client", "method", "params", "timeout"]);
  assert.throws(() => made(calls, "ping", 0, 0), RangeError);
  assert.throws(() => made(calls, "ping", 0, 601), RangeError);
  assert.throws(() => made(calls, "ping", 0, NaN), RangeError);
});

test("what changes something expires before its caller gives it up; reads and cancels may come late", () => {
  const utc = 1_760_000_000_000_000_000n;
  const calls = new Calls("a", undefined, "run", 0, () => utc);
  const expires = (method: string, params: Data = {}): unknown =>
    unpack(calls.make(method, params, { timeout: 30 }, 0, () => undefined).body)["expires"];
  for (const method of ["placeOrder", "placeOrders", "modifyOrder", "exerciseOptions", "resume", "reload"]) {
    assert.equal(expires(method), utc + 28_500_000_000n);
  }
  assert.equal(expires("reqMktData", { regulatorySnapshot: true }), utc + 28_500_000_000n);
  for (const method of ["ping", "status", "reqMktData", "cancelOrder", "cancelMine", "reqGlobalCancel", "awaitOrder"]) {
    assert.equal(expires(method), undefined);
  }
});

test("a reply ends its call once, and a part does not", () => {
  const calls = new Calls("a", undefined, "run", 0);
  const [call, outcomes] = made(calls);
  calls.onReply(reply(call, { part: 1, result: {} }));
  assert.equal(outcomes.length, 0);
  calls.onReply(reply(call, { ok: true, result: 7 }));
  calls.onReply(reply(call, { ok: true, result: 8 }));
  assert.deepEqual(outcomes, [{ reply: { v: 1, id: call.id, ok: true, result: 7 } }]);
  assert.equal(calls.size, 0);
});

test("two calls with one id both get the reply", () => {
  const calls = new Calls("a", undefined, "run", 0);
  const [call, one] = made(calls, "ping", 0, 10, { id: "mine" });
  const [, other] = made(calls, "ping", 0, 10, { id: "mine" });
  calls.onReply(reply(call, { ok: true, result: 7 }));
  assert.deepEqual([one.length, other.length], [1, 1]);
});

test("without a reply it is sent again, and then given up", () => {
  const calls = new Calls("a", undefined, "run", 0);
  const [call, outcomes] = made(calls);
  assert.deepEqual(calls.due(RESEND - 0.1), []);
  assert.deepEqual(calls.due(RESEND), [call]);
  calls.onSent(call, true, RESEND);
  assert.deepEqual(calls.due(RESEND), []);
  calls.expire(9.9, () => "silence");
  assert.equal(outcomes.length, 0);
  calls.expire(10, () => "silence");
  assert.ok(error(outcomes[0]) instanceof BridgeTimeout);
  assert.match(String(error(outcomes[0])), /no answer to ping in 10 s: silence/);
});

test("a request that could not leave is tried again soon", () => {
  const calls = new Calls("a", undefined, "run", 0);
  const [call] = made(calls);
  const [unsent] = [calls.make("status", {}, { timeout: 5 }, 0, () => undefined)];
  calls.onSent(unsent, false, 0);
  assert.deepEqual(calls.due(RETRY), [unsent]);
  assert.ok(call.resend > RETRY);
});

test("on a new connection everything is sent again at once: a reply on the old one is lost", () => {
  const calls = new Calls("a", undefined, "run", 0);
  const [call] = made(calls);
  assert.deepEqual(calls.due(1), []);
  calls.onConnected(false, 1);
  assert.deepEqual(calls.due(1), []);
  calls.onConnected(true, 1);
  assert.deepEqual(calls.due(1), [call]);
});

test("who is silent pings, and what is sent is a sign of life", () => {
  const calls = new Calls("a", undefined, "run", 0);
  assert.equal(calls.keepAlive(KEEP_ALIVE - 0.1), undefined);
  assert.deepEqual(calls.keepAlive(KEEP_ALIVE), { method: "ping", params: {} });
  made(calls, "status", KEEP_ALIVE + 1);
  assert.equal(calls.keepAlive(2 * KEEP_ALIVE + 0.9), undefined);
  assert.deepEqual(calls.keepAlive(2 * KEEP_ALIVE + 1), { method: "ping", params: {} });
});

test("a named run says hello at once and however busy it is, until it is fenced", () => {
  const calls = new Calls("a", "one", "run", 0);
  const hello = { method: "hello", params: { instance: "one" } };
  assert.deepEqual(calls.keepAlive(0), hello);
  const [call] = made(calls, "status", KEEP_ALIVE - 1);
  assert.equal(calls.keepAlive(KEEP_ALIVE - 1), undefined);
  assert.deepEqual(calls.keepAlive(KEEP_ALIVE), hello);
  calls.onReply(reply(call, { ok: false, error: { code: "fenced", message: "a newer run", data: { newest: "two" } } }));
  assert.equal(extra(calls.fenced?.data ?? {}, "newest"), "two");
  assert.equal(calls.keepAlive(1e6), undefined);
});

test("an integer is exact: a number where a number holds it, and a bigint otherwise", () => {
  const ts = 1_760_000_000_123_456_789n;
  const body = { ts, seq: 2n ** 33n, small: -3, list: [2n ** 60n, 5n], price: 1.5, bytes: new Uint8Array([1]), gone: undefined };
  assert.deepEqual(unpack(pack(body)), {
    ts, seq: 2 ** 33, small: -3, list: [2n ** 60n, 5], price: 1.5, bytes: new Uint8Array([1]),
  });
});

test("an error tells its code and data, and when a retry helps", () => {
  const rejected = new BridgeError({ code: "rejectedByTws", message: "no", twsCode: 200, data: { state: "rejected" } });
  assert.equal(rejected.message, "rejectedByTws (TWS 200): no");
  assert.ok(rejected.is("rejectedByTws") && rejected.data.state === "rejected");
  assert.equal(rejected.retryAfter, undefined);
  assert.equal(new BridgeError({ code: "notConnected", message: "" }).retryAfter, 1);
  const rule = { code: "notPermitted", message: "", data: { rule: "max_orders_per_minute", wait: 3 } };
  assert.equal(new BridgeError(rule).retryAfter, 3);
  assert.equal(new BridgeError({ ...rule, data: { rule: "symbols" } }).retryAfter, undefined);
});

test("a refused connection is told with its reason, and a broken handshake only when it is sure", () => {
  const connection = new Connection("tcp://x", true);
  assert.match(connection.state(), /nothing listens/);
  connection.take("connect");
  assert.match(connection.state(), /but does not answer: the bridge is stopped or overloaded, or another program/);
  connection.take("handshake:error:other");
  connection.take("handshake:error:other");
  assert.equal(connection.refused, undefined);
  connection.take("handshake:error:other");
  assert.match(String(connection.refused), /server key/);
  assert.equal(connection.take("handshake"), "up");
  assert.equal(connection.refused, undefined);
  assert.match(connection.state(), /connected, but silent/);
  connection.take("disconnect");
  assert.equal(connection.take("handshake"), "again");
  connection.take("handshake:error:auth");
  assert.match(String(connection.refused), /does not know this key/);
});

const TICKS = { kind: "subscription", result: { stream: "1", topic: "market.1." } };
const BOOK = { kind: "subscription", result: { stream: "1", topic: "depth.1." } };

test("holds are known by what was asked, and end with a release, a cancel or an ended", () => {
  const holds = new Holds();
  holds.onReply("reqMktData", { contract: { conId: 1, exchange: "SMART" } }, TICKS);
  holds.onReply("reqMktData", { contract: { exchange: "SMART", conId: 1 } }, TICKS);
  holds.onReply("reqMktDepth", { numRows: 5 }, BOOK);
  assert.equal(holds.all().length, 2);
  holds.onReply("cancelMktDepth", {}, { kind: "released", result: { released: "1" } });
  assert.deepEqual(holds.all().map((one) => one.method), ["reqMktData"]);
  holds.onReply("reqMktDepth", { numRows: 5 }, BOOK);
  holds.onEnded("depth.1.", "reqMktDepth");
  assert.deepEqual(holds.all().map((one) => one.method), ["reqMktData"]);
  holds.onError("release", { stream: "market.1." }, new BridgeError({ code: "unknownStream", message: "" }));
  assert.deepEqual(holds.all(), []);
});

test("a hold is missing if status does not say that it is held", () => {
  const holds = new Holds();
  holds.onReply("reqMktData", {}, TICKS);
  const one = { topic: "market.1.", method: "reqMktData", held: true };
  assert.equal(holds.missing({ streams: [one] }).length, 0);
  assert.equal(holds.missing({ streams: [{ ...one, held: false }] }).length, 1);
  assert.equal(holds.missing({ streams: [{ ...one, method: "reqMktDepth" }] }).length, 1);
  assert.equal(holds.missing({ streams: [] }).length, 1);
});

test("key files are read, and a secret that others may read is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  const [secret, server] = [join(folder, "alice.secret"), join(folder, "bridge.public")];
  writeFileSync(secret, `# Secret\nname = "alice"\npublic = "${"a".repeat(40)}"\nsecret = "${"b".repeat(40)}"\n`, { mode: 0o600 });
  writeFileSync(server, `name = "bridge"\npublic = "${"c".repeat(40)}"\n`);
  const curve = { name: "alice", publicKey: "a".repeat(40), secretKey: "b".repeat(40), serverKey: "c".repeat(40) };
  assert.deepEqual(loadCurve(secret, server), curve);
  assert.deepEqual(loadCurve(secret, "d".repeat(40)), { ...curve, serverKey: "d".repeat(40) });
  assert.throws(() => loadCurve(server, server), KeyFileError);
  assert.throws(() => loadCurve(join(folder, "nobody.secret"), server), KeyFileError);
  chmodSync(secret, 0o644);
  assert.throws(() => loadCurve(secret, server), /chmod 600/);
});

test("builders make plain contracts and orders", () => {
  assert.deepEqual(stock("AAPL"), { symbol: "AAPL", secType: "STK", exchange: "SMART", currency: "USD" });
  assert.deepEqual(forex("EUR.USD"), forex("EUR", "USD"));
  assert.throws(() => forex("EURO"), RangeError);
  assert.equal(option("AAPL", "20270115", 200, "C").strike, 200);
  assert.deepEqual(market("BUY", "0.5"), { action: "BUY", orderType: "MKT", totalQuantity: "0.5" });
  assert.equal(limit("BUY", 1, 187.5, { tif: "GTC" }).lmtPrice, 187.5);
  assert.equal(stop("SELL", 1, 180).auxPrice, 180);
});

test("what the wire does not have is refused, and not changed", () => {
  const widest = { low: -(2n ** 63n), high: 2n ** 64n - 1n };
  assert.deepEqual(unpack(pack(widest)), widest);
  for (const quantity of [2n ** 64n, 2n ** 64n + 5n, -(2n ** 63n) - 1n, -(2n ** 64n) + 7n]) {
    const order = { order: { totalQuantity: quantity } };
    assert.throws(() => pack(order), { name: "RangeError", message: /^order\.totalQuantity: -?[0-9]+ has more than 64 bits$/ });
  }
  for (const value of [new Date(), new Map(), new Set(), Promise.resolve(), () => 1, Symbol("a"), new Float64Array(1), "\ud800"]) {
    assert.throws(() => pack({ legs: [{ one: value }] }), { name: "TypeError", message: /^legs\.0\.one: / });
  }
  assert.deepEqual(unpack(pack({ a: null, b: undefined, c: [1.5, true, "\u{1f600}"] })), { a: null, c: [1.5, true, "\u{1f600}"] });
});

test("a key is a text, and without one each call would place another order", async () => {
  const client = new BridgeClient("keys", { requests: "tcp://127.0.0.1:9", events: "tcp://127.0.0.1:9" });
  const wrong = { name: "TypeError", message: /orderKey: expected a text that is not empty/ };
  for (const key of [undefined, null, "", 5]) {
    assert.throws(() => checkKey(key, "orderKey"), wrong);
    assert.throws(() => checkKeys("placeOrder", { orderKey: key }), wrong);
    assert.throws(() => checkKeys("placeOrders", { orders: [{ orderKey: "a" }, { orderKey: key }] }), wrong);
    const params = { orderKey: key as string, contract: stock("A"), order: market("BUY", 1) };
    await assert.rejects(client.placeOrderUntilKnown(params), wrong);
    await assert.rejects(client.placeOrder(params), wrong);
  }
  checkKeys("placeOrder", {});
  checkKeys("cancelOrder", { orderKey: undefined, orderId: 5 });
  await client.close();
});

test("an option with a wrong name or type is refused", () => {
  checkOptions({ timeout: 1, id: "a", wait: false, fresh: undefined, signal: AbortSignal.abort() });
  for (const [options, said] of [
    [{ id: 5 }, "options.id: expected a string, not 5"], [{ id: "" }, 'options.id: expected a string, not ""'],
    [{ timeout: "5" }, 'options.timeout: expected a number, not "5"'], [{ timeout: null }, "options.timeout: expected a number, not null"],
    [{ wait: 0 }, "options.wait: expected a boolean, not 0"], [{ timout: 5 }, "options: a request has no timout"],
  ] as [object, string][]) {
    assert.throws(() => checkOptions(options), (error) => error instanceof TypeError && error.message.startsWith(said));
  }
});
