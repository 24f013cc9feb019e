// Apollo Client: data lands in its cache, and both kinds of errors arrive with their code.
import assert from "node:assert/strict";
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { FAILING, QUERY, REFUSED } from "../questions.mjs";

export const needsServer = true;

export default async function ({ check, cairn }) {
  const client = new ApolloClient({
    link: new HttpLink({ uri: cairn.graphql, fetch }),
    cache: new InMemoryCache(),
  });
  const query = (text) => client.query({ query: gql(text), fetchPolicy: "network-only" });
  const fails = (text, code) =>
    assert.rejects(query(text), (error) => {
      assert.ok(CombinedGraphQLErrors.is(error), String(error));
      assert.equal(error.errors[0].extensions.code, code);
      return true;
    });

  await check("Apollo Client: a query is answered and cached", async () => {
    const { data } = await query(QUERY.text);
    const [field] = Object.keys(QUERY.data);
    for (const [name, value] of Object.entries(QUERY.data[field])) assert.equal(data[field][name], value);
    assert.ok(client.readQuery({ query: gql(QUERY.text) }));
  });
  await check("Apollo Client: a refused document has a code", () => fails(REFUSED.text, REFUSED.code));
  await check("Apollo Client: a field that fails has a code", () => fails(FAILING.text, FAILING.code));
  client.stop();
}
