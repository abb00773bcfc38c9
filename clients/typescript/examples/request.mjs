// Send one request and print the reply: node request.mjs METHOD [PARAMS-AS-JSON [ENDPOINT]]
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { decode, encode } from "@msgpack/msgpack";
import { Request } from "zeromq";
import { client, curve } from "./keys.mjs";

const [method, params = "{}", endpoint = "tcp://127.0.0.1:7500"] = process.argv.slice(2);
const socket = new Request({ ...curve, linger: 0, receiveTimeout: 30_000 });
socket.connect(endpoint);
await socket.send(encode({ v: 1, id: randomUUID(), client, method, params: JSON.parse(params) }));
const [reply] = await socket.receive();
console.log(inspect(decode(reply, { useBigInt64: true }), { depth: null, breakLength: Infinity }));
