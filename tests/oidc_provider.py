"""A small OpenID Connect provider on this machine, for tests: it can also say what is not true."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "clevertap-bq", "a secret of both"


class Provider:
    """Answers as a provider does. ``claims`` and the other attributes are changed by tests."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.metadata, self.claims, self.header = {}, {}, {"alg": "RS256", "kid": "one"}
        self.signs_with, self.token, self.status = None, None, 200
        self.codes, self.asked, self.given = {}, [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def authorise(self, url, **claims):
        """What the person's browser comes back with, after they have said yes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = (asked, claims)
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def rotate(self):
        """From now on another key signs."""
        self.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
        self.header = {"alg": "RS256", "kid": "two"}

    def about(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.metadata

    def exchange(self, form, authorization):
        self.asked.append(form)
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked, claims = self.codes.pop(form.get("code"), (None, None))
        verifier = form.get("code_verifier", "").encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if not asked or asked["code_challenge"] != digest or authorization != f"Basic {login}":
            return 400, {"error": "invalid_grant", "error_description": "a canary of the provider"}
        given = {
            "access_token": "access-of-the-provider",
            "token_type": "Bearer",
            "id_token": self.token or self._token(asked, claims),
        }
        self.given.append(given)
        return 200, given

    def _token(self, asked, claims):
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "ana@example.com",
            "email_verified": True,
        }
        said = {k: v for k, v in (said | self.claims | claims).items() if v is not None}
        key = self.signs_with or self.key
        if isinstance(key, OctKey):
            return jwt.encode({"alg": "HS256", "kid": "one"}, said, key, algorithms=["HS256"])
        return jwt.encode(self.header, said, key, algorithms=["RS256"])

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answers = {
                    "/.well-known/openid-configuration": provider.about,
                    "/keys": lambda: KeySet([provider.key]).as_dict(private=False),
                }
                answer = answers.get(self.path)
                self._send(provider.status if answer else 404, answer() if answer else {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._send(*provider.exchange(form, self.headers.get("Authorization")))

            def _send(self, status, content):
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
