"""Authlib asks about a token and ends it, as a service does: prints what it got, as one line of JSON."""

import json
import os

from authlib.integrations.requests_client import OAuth2Session

base, service, secret, token = (os.environ[name] for name in ("BASE", "SERVICE", "SECRET", "TOKEN"))


def session(key, method):
    return OAuth2Session(service, key, token_endpoint_auth_method=method)


def ask(key, method="client_secret_basic"):
    return session(key, method).introspect_token(f"{base}/oauth/introspect", token=token)


said = {
    "before": ask(secret).json(),
    "posted": ask(secret, "client_secret_post").json(),
}
refused = ask("nonsense")
said["stranger"] = f"{refused.status_code} {refused.json()['error']}"
ended = session(secret, "client_secret_basic").revoke_token(f"{base}/oauth/revoke", token=token)
said["ended"] = ended.status_code
said["after"] = ask(secret).json()
print(json.dumps(said))
