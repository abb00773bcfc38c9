// The adapter with which `tws-bridge conform` proves this client: it does one task and prints what the client believes,
// a line of JSON each. docs/reference/conformance.md has the tasks and the lines.

import { join } from "node:path";
import { BridgeClient, BridgeError, type LogPosition, type UsualMethods } from "../index.js";
import { load, say, store } from "./files.js";

const { TWS_BRIDGE_CLIENT: name = "conform", TWS_BRIDGE_CLIENT_STATE: folder = "." } = process.env;
const client = new BridgeClient(name, {
  ...(process.env["TWS_BRIDGE_REQUESTS"] && { requests: process.env["TWS_BRIDGE_REQUESTS"] }),
  ...(process.env["TWS_BRIDGE_EVENTS"] && { events: process.env["TWS_BRIDGE_EVENTS"] }),
});
type Ticks = UsualMethods["reqMktData"]["params"];
type Placed = Parameters<BridgeClient["placeOrderUntilKnown"]>[0];

/** The exact sum of decimals in text (C2.6). */
function sum(decimals: string[]): string {
  const places = Math.max(0, ...decimals.map((text) => (text.split(".")[1] ?? "").length));
  const scaled = (text: string): bigint => {
    const [whole = "", fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  };
  const total = decimals.reduce((so_far, text) => so_far + scaled(text), 0n).toString().padStart(places + 1, "0");
  return places > 0 ? `${total.slice(0, -places)}.${total.slice(-places)}` : total;
}

/** Asks until the bridge has taken the subscription, and gives its topic. */
async function subscribed(params: Ticks): Promise<string> {
  for (;;) {
    try {
      return (await client.reqMktData(params)).topic;
    } catch (error) {
      if (!(error instanceof BridgeError) || error.retryAfter === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfter ?? 1)));
    }
  }
}

async function watch(params: Ticks): Promise<void> {
  for await (const event of client.subscribe(await subscribed(params))) {
    if (event.origin === "gap") say({ forget: event.data.prefix });
    else if (event.event === "stale") say({ stale: event.data.topic });
    else if (event.event === "fresh") say({ fresh: event.data.topic });
    else if (event.event === "tickPrice") {
      const { tickType, price } = event.data;
      say({ quote: { topic: event.topic, tickType, price, stale: event.stale ?? false } });
    }
  }
}

async function orders(): Promise<void> {
  const path = join(folder, "fills.json");
  const stored = load<{ position: LogPosition | null; fills: Record<string, string> }>(path, { position: null, fills: {} });
  const { fills } = stored;
  say({ filled: sum(Object.values(fills)) });
  for await (const event of client.orders(stored.position)) {
    if (event.origin === "gap") say({ gap: event.data.reason });
    else if (event.event === "execDetails") {
      const { execId, shares } = event.data.execution ?? {};
      // A fill counts once, and a correction, which differs behind the last dot, replaces it.
      if (execId !== undefined && shares !== undefined) fills[execId.replace(/\.[^.]*$/, "")] = shares;
    }
    store(path, { position: event.position, fills });
    say({ filled: sum(Object.values(fills)) });
  }
}

async function place(params: Placed): Promise<void> {
  const { state } = await client.placeOrderUntilKnown(params, { timeout: 600 });
  say({ order: { orderKey: params.orderKey, state } });
}

async function ask(method: string, params: object): Promise<void> {
  try {
    say({ answer: await client.requestUntyped(method, params) });
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    say({ error: error.code });
  }
}

const [task, one = "{}", two = "{}"] = process.argv.slice(2);
switch (task) {
  case "watch":
    await watch(JSON.parse(one) as Ticks);
    break;
  case "orders":
    await orders();
    break;
  case "place":
    await place(JSON.parse(one) as Placed);
    break;
  case "ask":
    await ask(one, JSON.parse(two) as object);
    break;
  default:
    throw new Error(`no such task: ${task}`);
}
await client.close();
