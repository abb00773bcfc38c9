// A strategy that places orders by key and counts each execution exactly once, whoever is killed meanwhile.
//
// node strategy.js NAME REQUESTS EVENTS FOLDER COUNT: trades COUNT times, under the keys order-1, order-2, ... Position and
// executions are one file in FOLDER, which is replaced as a whole. Killed at any time, it goes on where the file ends.
// It ends when every order is executed in full.

import { join } from "node:path";
import { BridgeClient, market, stock, type LogEvent, type LogPosition } from "../index.js";
import { load, say, store } from "./files.js";

const [name = "", requests = "", events = "", folder = "", count = "0"] = process.argv.slice(2);
const QUANTITY = 300;
/** How many orders are on their way at a time, and the milliseconds between two of one lane. */
const LANES = 3;
const PAUSE = 100;

interface Memory {
  position: LogPosition | null;
  gaps: number;
  /** The execId of each execution, in the order in which they were taken: one that is counted twice is here twice. */
  executions: string[];
  /** The executed quantity, by order key. */
  filled: Record<string, number>;
}

const path = join(folder, "memory.json");
const memory = load<Memory>(path, { position: null, gaps: 0, executions: [], filled: {} });
const keys = Array.from({ length: Number(count) }, (_, index) => `order-${index + 1}`);
const isDone = (key: string): boolean => (memory.filled[key] ?? 0) >= QUANTITY;

/** One transaction for each event: what it means, and that it was taken. */
function take(event: LogEvent): void {
  memory.position = event.position;
  if (event.origin === "gap") memory.gaps += 1;
  else if (event.event === "execDetails") {
    const { execId = "", shares = "0" } = event.data.execution ?? {};
    const key = event.topic.split(".")[2] ?? "";
    memory.executions.push(execId);
    memory.filled[key] = (memory.filled[key] ?? 0) + Number(shares);
  }
  store(path, memory);
}

const client = new BridgeClient(name, { requests, events });
say({ started: memory.executions.length });
const waiting = keys.filter((key) => !isDone(key));

/** Places what is left, one order after the other. The key is always the same, so no order is placed twice. */
async function lane(): Promise<void> {
  for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
    const order = market(Number(key.split("-")[1]) % 2 === 1 ? "BUY" : "SELL", QUANTITY);
    const { state } = await client.placeOrderUntilKnown({ orderKey: key, contract: stock("AAPL"), order }, { timeout: 600 });
    if (state !== "acknowledged" && state !== "filled") throw new Error(`${key} is ${state}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function follow(): Promise<void> {
  if (keys.every(isDone)) return;
  for await (const event of client.orders(memory.position)) {
    take(event);
    if (keys.every(isDone)) return;
  }
}

await Promise.all([follow(), ...Array.from({ length: LANES }, lane)]);
say({ done: memory.executions.length });
await client.close();
