// Manages tokens with @octokit/rest: BASE_URL, TOKEN and ORG say where. Prints what it did as JSON.
import assert from "node:assert/strict";
import { Octokit } from "@octokit/rest";

const { BASE_URL, TOKEN, ORG: org } = process.env;
const octokit = new Octokit({ auth: TOKEN, baseUrl: BASE_URL });
const { orgs } = octokit.rest;

const me = await octokit.rest.users.getAuthenticated();
assert.equal(me.status, 200);
const oldest = { org, per_page: 1, sort: "created_at", direction: "asc" };
const waiting = await octokit.paginate(orgs.listPatGrantRequests, oldest);
assert.deepEqual(waiting.map((request) => request.token_name), ["one", "two", "three", "four"]);
const named = await orgs.listPatGrantRequests({ org, owner: ["ana"], permission: "issues_read" });
assert.equal(named.data.length, 4);
const [one, two, three, four] = waiting.map((request) => request.id);

const repositories = await octokit.paginate(orgs.listPatGrantRequestRepositories, { org, pat_request_id: one });
assert.deepEqual(repositories.map((repository) => repository.full_name), [`${org}/web`]);
const approved = await orgs.reviewPatGrantRequest({ org, pat_request_id: one, action: "approve" });
assert.equal(approved.status, 204);
await orgs.reviewPatGrantRequest({ org, pat_request_id: two, action: "deny", reason: "by octokit" });
const both = { org, pat_request_ids: [three, four], action: "deny" };
assert.equal((await orgs.reviewPatGrantRequestsInBulk(both)).status, 202);
await assert.rejects(orgs.reviewPatGrantRequestsInBulk(both), { status: 422 });

const grants = await octokit.paginate(orgs.listPatGrants, { org, owner: ["ana"] });
assert.deepEqual(grants.map((grant) => grant.token_name), ["one"]);
assert.equal((await orgs.updatePatAccess({ org, pat_id: grants[0].id, action: "revoke" })).status, 204);
assert.equal((await orgs.listPatGrants({ org, owner: ["ana"] })).data.length, 0);
