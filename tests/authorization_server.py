"""A small OAuth authorization server: metadata, keys and a token endpoint (client credentials), over real HTTP."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

__all__ = ["AuthorizationServer", "authorization_server", "new_key"]

SECRET = "of-the-client"


def new_key() -> RSAPrivateKey:
    """Return a key to sign with."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class AuthorizationServer:
    """
    The server's state; `asked` are the parameters of each request for a token.

    Args:
        issuer: Its URL.
        key: With which it signs.
    """

    issuer: str
    key: RSAPrivateKey = field(default_factory=new_key)
    asked: list[dict[str, str]] = field(default_factory=list)

    def token(self, subject: str, audience: str, *, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """Return a token; *claims* are put over the usual ones, and one that is None is left out."""
        at = int(time.time())
        usual = {"iss": self.issuer, "sub": subject, "aud": audience, "iat": at, "exp": at + 600, "scope": "write"}
        given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        signing: Any = None if algorithm == "none" else key or self.key
        return jwt.encode(given, signing, algorithm=algorithm, headers={"kid": "first"})

    def answer(self, path: str) -> Any:
        """Return the JSON at a path."""
        if path == "/.well-known/oauth-authorization-server":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        if path == "/keys":
            key = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return {"keys": [{**key, "kid": "first", "use": "sig", "alg": "RS256"}]}
        return None

    def grant(self, authorization: str, form: dict[str, str]) -> Any:
        """Return a token for the client, whose id is the user's."""
        kind, _, login = authorization.partition(" ")
        client, _, secret = base64.b64decode(login).decode().partition(":")
        if (kind, secret, form.get("grant_type")) != ("Basic", SECRET, "client_credentials"):
            return None
        self.asked.append(form)
        token = self.token(client, form["resource"], scope=form.get("scope", ""))
        return {"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": form.get("scope", "")}


@contextmanager
def authorization_server() -> Iterator[AuthorizationServer]:
    """Yield a server that answers on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(served.answer(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._reply(served.grant(self.headers.get("Authorization", ""), form))

        def _reply(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(404 if value is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        served = AuthorizationServer(f"http://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()
