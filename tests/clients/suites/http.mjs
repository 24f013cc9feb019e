// The audits of graphql-http, the reference for GraphQL over HTTP: all of them, and again with a warm cache.
import assert from "node:assert/strict";
import { serverAudits } from "graphql-http";

export const needsServer = true;

const AUDITS = 61;

export default async function ({ check, cairn }) {
  for (const round of ["first", "again"]) {
    const audits = serverAudits({ url: cairn.graphql, fetchFn: fetch });
    await check(`graphql-http has ${AUDITS} audits`, async () => assert.equal(audits.length, AUDITS));
    for (const audit of audits) {
      await check(`graphql-http ${audit.id} ${audit.name} (${round})`, async () => {
        const result = await audit.fn();
        assert.equal(result.status, "ok", result.reason);
      });
    }
  }
}
