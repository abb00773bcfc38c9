"""The bus: what the wire contract looks like in bytes (`frames`), and the ZeroMQ sockets that carry it (`sockets`)."""
