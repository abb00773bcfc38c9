// The adapter with which `tws-bridge conform` proves client.mjs: it does one task and prints what the client believes,
// a line of JSON each. docs/reference/conformance.md has the tasks and the lines.

import { existsSync, fsyncSync, openSync, closeSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BridgeClient, BridgeError, OrderLog, Stream } from "./client.mjs";

const { TWS_BRIDGE_CLIENT: name, TWS_BRIDGE_CLIENT_STATE: folder } = process.env;
const endpoints = { requests: process.env.TWS_BRIDGE_REQUESTS, events: process.env.TWS_BRIDGE_EVENTS };
const client = new BridgeClient(name, endpoints);
const say = (line) => process.stdout.write(`${toJson(line)}\n`);

/** JSON with exact integers: JSON.stringify takes no BigInt. */
function toJson(value) {
  const marked = JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `@int ${one}@` : one));
  return marked.replace(/"@int (-?\d+)@"/g, "$1");
}

/** The exact sum of decimals in text (C2.6). */
function sum(decimals) {
  const places = Math.max(0, ...decimals.map((text) => (text.split(".")[1] ?? "").length));
  const scaled = (text) => {
    const [whole, fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  };
  const total = decimals.reduce((so_far, text) => so_far + scaled(text), 0n).toString().padStart(places + 1, "0");
  return places ? `${total.slice(0, -places)}.${total.slice(-places)}` : total;
}

function watch(params) {
  const on = {
    event(topic, { event, data, stale = false }) {
      if (event === "tickPrice") say({ quote: { topic, tickType: data.tickType, price: data.price, stale } });
    },
    stale: (prefix) => say({ stale: prefix }),
    fresh: (prefix) => say({ fresh: prefix }),
    forget: (prefix) => say({ forget: prefix }),
  };
  return new Stream().start(client, "reqMktData", params, on);
}

/** Position and fills are one file, and a file is replaced as a whole: that is the transaction of C8.8. */
function orders() {
  const path = join(folder, "fills.json");
  const stored = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { position: null, fills: {} };
  const { fills } = stored;
  const apply = (events, position) => {
    for (const { event, data } of events) {
      const { execId, shares } = (event === "execDetails" && data.execution) || {};
      if (execId) fills[execId.replace(/\.[^.]*$/, "")] = shares; // a fill counts once, and a correction replaces it
    }
    const file = openSync(`${path}.new`, "w");
    writeSync(file, JSON.stringify({ position, fills }));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
    say({ filled: sum(Object.values(fills)) });
  };
  return new OrderLog().start(client, stored.position, apply, (reason) => say({ gap: reason }));
}

async function place(params) {
  const { orderKey, state } = await client.placeOrder(params);
  say({ order: { orderKey, state } });
}

async function ask(method, params) {
  try {
    say({ answer: await client.request(method, params) });
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    say({ error: error.code });
  }
  client.close();
}

const [task, ...words] = process.argv.slice(2);
if (task === "watch") await watch(JSON.parse(words[0]));
else if (task === "orders") await orders();
else if (task === "place") await place(JSON.parse(words[0])).then(() => client.close());
else if (task === "ask") await ask(words[0], JSON.parse(words[1] ?? "{}"));
else throw new Error(`no such task: ${task}`);
