// Does this msgpack library read what the bridge writes? node vectors.mjs FILE... compares each vector with its meaning,
// prints those that differ, and ends with 1 where there are some. The files: schemas/generated/vectors/*.json.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { decode } from "@msgpack/msgpack";

/** A decoded value in the JSON form that the files state. */
function meaning(value) {
  if (typeof value === "bigint") {
    const small = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
    return small ? Number(value) : { $int: value.toString() };
  }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(meaning);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, meaning(item)]));
}

let count = 0;
for (const file of process.argv.slice(2)) {
  for (const { name, frames, meaning: expected } of JSON.parse(readFileSync(file, "utf8")).vectors) {
    const message = frames.map((frame) => Buffer.from(frame, "hex"));
    const body = meaning(decode(message.at(-1), { useBigInt64: true }));
    const read = "topic" in expected ? { topic: message[0].toString("ascii"), body } : { body };
    count += 1;
    if (isDeepStrictEqual(read, expected)) continue;
    process.exitCode = 1;
    console.log(`${name}: read ${JSON.stringify(read)}, expected ${JSON.stringify(expected)}`);
  }
}
console.log(`${count} vectors`);
