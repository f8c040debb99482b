"""Ends TLS in front of a server: tls_proxy.py LISTEN_PORT SERVER_PORT CERTIFICATE KEY."""

import socket
import ssl
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client, port):
    try:
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:
        client.close()
        return
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    threading.Thread(target=pump, args=(server, client), daemon=True).start()


def main(listen, port, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", int(listen))) as door:
        print("listening", flush=True)
        while True:
            plain, _ = door.accept()
            try:
                serve(context.wrap_socket(plain, server_side=True), int(port))
            except OSError:
                plain.close()


main(*sys.argv[1:])
