// Who this client is, from the environment, for a bridge with keys: TWS_BRIDGE_CLIENT_KEY, the path of its NAME.secret,
// and TWS_BRIDGE_SERVER_KEY, the path of bridge.public or the key itself. TWS_BRIDGE_CLIENT is its name, if not the file's.
import { existsSync, readFileSync } from "node:fs";

const { TWS_BRIDGE_CLIENT_KEY: own, TWS_BRIDGE_SERVER_KEY: server, TWS_BRIDGE_CLIENT: given } = process.env;
const KEY = /^[0-9A-Za-z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;

/** What a key file, as `tws-bridge keys new` writes it, says under a word. */
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

/** Options of a socket; none without keys. */
export const curve = pair();
export const client = given || (own ? read(own, "name") : "javascript-example");
