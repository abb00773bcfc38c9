// What the programs of this folder share: JSON with exact integers, and a file that is replaced as a whole.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** JSON with exact integers: JSON.stringify takes no bigint. */
export function toJson(value: unknown): string {
  const marked = JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `@int ${one}@` : one));
  return marked.replace(/"@int (-?\d+)@"/g, "$1");
}

/** Prints one line of JSON. */
export function say(line: object): void {
  process.stdout.write(`${toJson(line)}\n`);
}

/** The content of the file, or `absent` if there is none. */
export function load<T>(path: string, absent: T): T {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : absent;
}

/** Replaces the file as a whole, on disk: that is a transaction. */
export function store(path: string, content: object): void {
  const file = openSync(`${path}.new`, "w");
  writeSync(file, toJson(content));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
