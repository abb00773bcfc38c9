"""The bus: the bytes of the wire contract (`frames`), and the ZeroMQ sockets that carry them (`sockets`)."""
