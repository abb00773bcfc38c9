// Measures how long calls last when something is wrong at the other end, and prints what they throw, a line of JSON each.
//
// node timeouts.js MODE REQUESTS EVENTS TIMEOUT [SECRET SERVER-KEY]: it says that it is ready when it has tried to
// connect, and begins when a line arrives on its input. MODE is "calls" (two calls, one after the other), "flood" (one
// more call than ZeroMQ queues) or "feeds" (a subscription and an order feed).

import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";
import { Dealer } from "zeromq";
import { BridgeClient, BridgeError, loadCurve } from "../index.js";
import { say } from "./files.js";

const [mode = "", requests = "", events = "", seconds = "1", secret, server] = process.argv.slice(2);
const curve = secret !== undefined && server !== undefined ? loadCurve(secret, server) : undefined;
const client = new BridgeClient("alice", { requests, events, ...(curve && { curve }) });
const timeout = Number(seconds);
const FLOOD = 4_000;

async function measure(what: Promise<unknown>): Promise<void> {
  const began = performance.now();
  try {
    await what;
    say({ answered: true, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    const { name, message } = error as Error;
    const code = error instanceof BridgeError ? error.code : undefined;
    say({ name, code, message, seconds: (performance.now() - began) / 1000 });
  }
}

/** Fills the queue of a socket like the client's: how many messages it takes. */
async function fill(socket: Dealer, body: Uint8Array): Promise<number> {
  for (let taken = 0; ; taken++) {
    try {
      await socket.send(body);
    } catch {
      return taken;
    }
  }
}

/** The bridge is stopped: nothing leaves the queue. */
async function flood(probe: Dealer): Promise<void> {
  say({ capacity: await fill(probe, new Uint8Array(10_000)), calls: FLOOD });
  const filler = { prefix: "x".repeat(10_000) };
  for (let call = 0; call < FLOOD; call++) {
    client.requestUntyped("snapshot", filler, { timeout: 30 }).catch(() => undefined);
  }
  await measure(client.ping({}, { timeout }));
}

const probe = new Dealer({ linger: 0, immediate: true, sendTimeout: 0 });
probe.connect(requests);
try {
  await client.ping({}, { timeout });
} catch {
  // that is what is measured later
}
say({ ready: true });
await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
switch (mode) {
  case "calls":
    for (let call = 0; call < 2; call++) await measure(client.ping({}, { timeout }));
    break;
  case "flood":
    await flood(probe);
    break;
  case "feeds":
    for (const feed of [client.subscribe("system."), client.orders()]) await measure(feed.next());
    break;
  default:
    throw new Error(`no such mode: ${mode}`);
}
await client.close();
probe.close();
process.exit();
