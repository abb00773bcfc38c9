"""Print the events of the bridge: subscribe.py [ENDPOINT [PREFIX ...]]. Needs pyzmq and msgpack only."""

import signal
import sys

import keys
import msgpack
import zmq

# As the first process of a container it would ignore SIGTERM without this.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
endpoint, *prefixes = sys.argv[1:] or ["tcp://127.0.0.1:7501"]
socket = zmq.Context().socket(zmq.SUB)
keys.apply(socket)
socket.connect(endpoint)
for prefix in prefixes or [""]:
    socket.subscribe(prefix)
while True:
    topic, body = socket.recv_multipart()
    print(topic.decode(), msgpack.unpackb(body), flush=True)
