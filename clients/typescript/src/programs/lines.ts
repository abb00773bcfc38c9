// Each line of the input is a request, with its seconds as `timeout`; prints an answer or an error, a line of JSON each.

import { createInterface } from "node:readline";
import { BridgeClient, BridgeError } from "../index.js";
import { say } from "./files.js";

const { TWS_BRIDGE_REQUESTS: requests = "", TWS_BRIDGE_EVENTS: events = "", TWS_BRIDGE_CLIENT: name = "" } = process.env;
const client = new BridgeClient(name, { requests, events });
for await (const line of createInterface({ input: process.stdin })) {
  const { method, params, timeout } = JSON.parse(line) as { method: string; params: object; timeout: number };
  try {
    say({ answer: await client.requestUntyped(method, params, { timeout }) });
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    say({ error: error.code });
  }
}
await client.close();
