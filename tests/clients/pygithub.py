"""Manages tokens with PyGithub: BASE_URL, TOKEN and ORG say where.

PyGithub has classes for organizations and repositories, and none for the queue of requests: that goes through its requester.
"""

import os

from github import Auth, Github, GithubException

org_login = os.environ["ORG"]
client = Github(base_url=os.environ["BASE_URL"], auth=Auth.Token(os.environ["TOKEN"]))
queue = f"/orgs/{org_login}/personal-access-token-requests"
tokens = f"/orgs/{org_login}/personal-access-tokens"


def ask(verb, path, **extra):
    headers, data = client.requester.requestJsonAndCheck(verb, path, **extra)
    return headers, data


def pages(path, **parameters):
    """Follows the `Link` header, as PyGithub's own lists do."""
    items = []
    while path:
        headers, data = ask("GET", path, parameters=parameters)
        items += data
        links = dict(
            reversed(part.strip().split("; ")) for part in headers.get("link", "").split(", ") if part
        )
        path, parameters = links.get('rel="next"', "").strip("<>"), None
    return items


def review(request, **body):
    return ask("POST", f"{queue}/{request}", input=body)


organization = client.get_organization(org_login)
assert organization.login == org_login
assert "web" in [repository.name for repository in organization.get_repos()]

waiting = pages(queue, per_page=1, sort="created_at", direction="asc")
assert [request["token_name"] for request in waiting] == ["one", "two", "three", "four"], waiting
one, two, three, four = (request["id"] for request in waiting)
review(one, action="approve")
review(two, action="deny", reason="by PyGithub")
both = {"action": "deny", "pat_request_ids": [three, four]}
ask("POST", queue, input=both)
try:
    ask("POST", queue, input=both)
    raise AssertionError("what was decided is not decided again")
except GithubException as error:
    assert error.status == 422, error

_, grants = ask("GET", tokens, parameters={"owner[]": "ana"})
assert [grant["token_name"] for grant in grants] == ["one"], grants
ask("POST", f"{tokens}/{grants[0]['id']}", input={"action": "revoke"})
assert ask("GET", tokens, parameters={"owner[]": "ana"})[1] == []
assert client.get_rate_limit().rate.limit == 5000
