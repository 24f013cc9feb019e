// urql: the same queries by POST and by GET.
import assert from "node:assert/strict";
import { Client, fetchExchange } from "@urql/core";
import { QUERY, REFUSED } from "../questions.mjs";

export const needsServer = true;

export default async function ({ check, cairn }) {
  for (const [method, preferGetMethod] of [
    ["POST", false],
    ["GET", "force"],
  ]) {
    const client = new Client({ url: cairn.graphql, exchanges: [fetchExchange], fetch, preferGetMethod });
    await check(`urql: a query is answered by ${method}`, async () => {
      const { data, error } = await client.query(QUERY.text, {}).toPromise();
      assert.equal(error, undefined);
      const [field] = Object.keys(QUERY.data);
      for (const [name, value] of Object.entries(QUERY.data[field])) assert.equal(data[field][name], value);
    });
    await check(`urql: a refused document has a code by ${method}`, async () => {
      const { error } = await client.query(REFUSED.text, {}).toPromise();
      assert.equal(error?.graphQLErrors[0]?.extensions.code, REFUSED.code);
    });
  }
}
