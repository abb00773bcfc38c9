// The name and the keys of this client, from the environment, for a bridge that has a key.
// TWS_BRIDGE_CLIENT_KEY is the path of the client's NAME.secret. TWS_BRIDGE_SERVER_KEY is the path of bridge.public, or
// the public key itself. TWS_BRIDGE_CLIENT is the name of the client, if it is not the name in the file.
import { existsSync, readFileSync } from "node:fs";

const { TWS_BRIDGE_CLIENT_KEY: own, TWS_BRIDGE_SERVER_KEY: server, TWS_BRIDGE_CLIENT: given } = process.env;
const KEY = /^[0-9A-Za-z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;

/** Read one value of a key file that `tws-bridge keys new` has written. */
function read(path, word) {
  const found = readFileSync(path, "utf8").match(new RegExp(`^${word} = "(.+)"$`, "m"));
  if (found === null) throw new Error(`${path}: ${word} is missing: is it a key file?`);
  return found[1];
}

function pair() {
  if (!own !== !server) throw new Error("TWS_BRIDGE_CLIENT_KEY and TWS_BRIDGE_SERVER_KEY go together");
  if (!own) return {};
  const isKey = KEY.test(server) && !existsSync(server);
  return {
    curvePublicKey: read(own, "public"),
    curveSecretKey: read(own, "secret"),
    curveServerKey: isKey ? server : read(server, "public"),
  };
}

/** The socket options with the keys; empty without keys. */
export const curve = pair();
export const client = given || (own ? read(own, "name") : "javascript-example");
