"""Send one request and print the reply: request.py METHOD [PARAMS-AS-JSON [ENDPOINT]]. Needs pyzmq and msgpack only."""

import argparse
import json
import time
import uuid

import keys
import msgpack
import zmq

ORDERS = {"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions"}
CHANGES = ORDERS | {"replaceFA", "updateConfig", "resume", "reload"}

parser = argparse.ArgumentParser(description="Send one request to the bridge and print the reply.")
parser.add_argument("method")
parser.add_argument("params", type=json.loads, nargs="?", default="{}")
parser.add_argument("endpoint", nargs="?", default="tcp://127.0.0.1:7500")
given = parser.parse_args()

socket = zmq.Context().socket(zmq.REQ)
keys.apply(socket)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.SNDTIMEO, 30_000)
socket.setsockopt(zmq.RCVTIMEO, 30_000)
socket.setsockopt(zmq.IMMEDIATE, 1)  # queue nothing for a bridge that is not there: it would come late
socket.connect(given.endpoint)
request = {"v": 1, "id": str(uuid.uuid4()), "client": keys.name(), "method": given.method, "params": given.params}
if given.method in CHANGES or given.params.get("regulatorySnapshot"):  # not wanted when we wait no more
    request["expires"] = time.time_ns() + 28_000_000_000
socket.send(msgpack.packb(request))
print(msgpack.unpackb(socket.recv()))
