// The key files that `tws-bridge keys new` writes, for a bridge that has a key.

import { existsSync, readFileSync, statSync } from "node:fs";

/** The keys of a client, each as 40 characters of z85. */
export interface Curve {
  /** The name in the key file. */
  readonly name: string;
  /** The client's own public key. */
  readonly publicKey: string;
  /** The client's own secret key. */
  readonly secretKey: string;
  /** The bridge's public key. */
  readonly serverKey: string;
}

/** A key file cannot be used; the message says why. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

const KEY = /^[0-9A-Za-z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;

/**
 * Reads the client's `NAME.secret` file. `server` is the bridge's public key, or the path of its `bridge.public` file.
 * Throws KeyFileError if a file cannot be read, has no valid key, or if others than its owner may read the secret.
 */
export function loadCurve(secretFile: string, server: string): Curve {
  const own = read(secretFile);
  if (process.platform !== "win32" && (statSync(secretFile).mode & 0o077) !== 0) {
    throw new KeyFileError(`${secretFile}: others than the owner have access to it: chmod 600 ${secretFile}`);
  }
  const isKey = KEY.test(server) && !server.endsWith(".public") && !existsSync(server);
  return {
    name: value(secretFile, own, "name"),
    publicKey: key(secretFile, own, "public"),
    secretKey: key(secretFile, own, "secret"),
    serverKey: isKey ? server : key(server, read(server), "public"),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KeyFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function value(path: string, text: string, word: string): string {
  const found = new RegExp(`^${word} = "(.+)"$`, "m").exec(text)?.[1];
  if (found === undefined) throw new KeyFileError(`${path}: ${word} is missing: is it a key file?`);
  return found;
}

function key(path: string, text: string, word: string): string {
  const found = value(path, text, word);
  if (KEY.test(found)) return found;
  throw new KeyFileError(`${path}: ${word}: expected a key of 40 characters, as \`tws-bridge keys new\` writes it`);
}
