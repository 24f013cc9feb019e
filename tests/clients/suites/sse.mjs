// graphql-sse, the reference client of GraphQL over server-sent events, with one connection for each operation.
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { QUERY, REFUSED, subscription } from "../questions.mjs";

export const needsServer = true;

export default async function ({ check, cairn }) {
  const client = (token) =>
    createClient({
      url: cairn.graphql,
      retryAttempts: 0,
      headers: token ? { authorization: `Bearer ${token}` } : undefined,
    });

  async function first(query, token) {
    const open = client(token);
    try {
      for await (const result of open.iterate({ query })) return result;
    } finally {
      open.dispose();
    }
  }

  await check("graphql-sse: a query is one event", async () => {
    assert.deepEqual(await first(QUERY.text), { data: QUERY.data });
  });
  await check("graphql-sse: a refused document is told in an event", async () => {
    const result = await first(REFUSED.text);
    assert.equal(result.errors[0].extensions.code, REFUSED.code);
  });
  await check("graphql-sse: a subscription brings what happens", async () => {
    const { token, text, trigger, seen } = await subscription(cairn);
    setTimeout(trigger, 500);
    const event = await first(text, token);
    assert.ok(seen(event), JSON.stringify(event));
  });
}
