"""Send one request and print the reply: request.py METHOD [PARAMS-AS-JSON [ENDPOINT]]. Needs pyzmq and msgpack only."""

import argparse
import json
import uuid

import keys
import msgpack
import zmq

parser = argparse.ArgumentParser(description="Send one request to the bridge and print the reply.")
parser.add_argument("method")
parser.add_argument("params", type=json.loads, nargs="?", default="{}")
parser.add_argument("endpoint", nargs="?", default="tcp://127.0.0.1:7500")
given = parser.parse_args()

socket = zmq.Context().socket(zmq.REQ)
keys.apply(socket)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.RCVTIMEO, 30_000)
socket.connect(given.endpoint)
request = {"v": 1, "id": str(uuid.uuid4()), "client": keys.name(), "method": given.method, "params": given.params}
socket.send(msgpack.packb(request))
print(msgpack.unpackb(socket.recv()))
