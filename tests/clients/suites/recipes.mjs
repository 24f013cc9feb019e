// The console's recipes: each fits the schema, and the whole story runs in its order on the demo data.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { coerceInputValue, getOperationAST, parse, typeFromAST, validate } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { readSchema } from "../schema.mjs";

export const needsServer = true;

const FOLDER = new URL("../../../console/recipes/", import.meta.url);

function readRecipes() {
  const files = readdirSync(FOLDER).sort();
  return files
    .filter((file) => file.endsWith(".graphql"))
    .map((file) => {
      const variables = file.replace(/graphql$/, "json");
      return {
        name: file,
        document: parse(readFileSync(new URL(file, FOLDER), "utf8")),
        variables: files.includes(variables) ? JSON.parse(readFileSync(new URL(variables, FOLDER), "utf8")) : {},
      };
    });
}

/** Whether the variables are what the operation declares. */
function assertVariables(schema, operation, variables) {
  const declared = operation.variableDefinitions ?? [];
  for (const { variable, type } of declared) {
    coerceInputValue(variables[variable.name.value], typeFromAST(schema, type), (path, _value, error) => {
      throw new Error(`$${[variable.name.value, ...path].join(".")}: ${error.message}`);
    });
  }
  const names = new Set(declared.map(({ variable }) => variable.name.value));
  for (const name of Object.keys(variables)) assert.ok(names.has(name), `$${name} is not declared`);
}

function isEmpty(value) {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** The first event of a subscription, or nothing when all stays quiet and nobody complains. */
function listen(cairn, { token, organization }, recipe) {
  const client = createClient({
    url: cairn.socket,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, "cairn-organization": organization },
    retryAttempts: 0,
  });
  return new Promise((resolve, reject) => {
    const done = (act, value) => {
      clearTimeout(quiet);
      client.dispose();
      act(value);
    };
    const quiet = setTimeout(() => done(resolve, null), 1_500);
    client.subscribe(
      { query: recipe.query, variables: recipe.variables },
      {
        next: (event) => done(event.errors ? reject : resolve, event.errors ? new Error(JSON.stringify(event.errors)) : event),
        error: (error) => done(reject, error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: () => done(resolve, null),
      },
    );
  });
}

export default async function ({ check, cairn }) {
  const schema = readSchema();
  for (const { name, document, variables } of readRecipes()) {
    await check(`recipes: ${name} fits the schema`, () => {
      const faults = validate(schema, document);
      assert.deepEqual(faults.map(String), []);
      assertVariables(schema, getOperationAST(document), variables);
    });
  }

  const { demo, recipes } = await (await fetch(`${cairn.base}/console/recipes.json`)).json();
  if (!demo) {
    console.log("skipped recipes: this server has no demo data to run them on");
    return;
  }
  // Whoever creates a second organization must say from then on which one they mean, so everybody does.
  const people = new Map();
  const signIn = async (email) => {
    if (!email) return {};
    if (!people.has(email)) {
      const token = await cairn.signIn(email.split("@")[0]);
      const { data } = await cairn.ask("query Where { organization { id } }", {}, token);
      people.set(email, { token, organization: data.organization.id });
    }
    return people.get(email);
  };
  const ask = async ({ token, organization }, { query, variables }) => {
    const headers = { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    if (organization) headers["cairn-organization"] = organization;
    const response = await fetch(cairn.graphql, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    return response.json();
  };
  for (const recipe of recipes) {
    await check(`recipes: ${recipe.number} ${recipe.title}`, async () => {
      assert.doesNotMatch(JSON.stringify(recipe.variables), /\{\{/, "a placeholder has no value");
      const person = await signIn(recipe.as);
      if (recipe.query.startsWith("subscription")) {
        await listen(cairn, person, recipe);
        return;
      }
      const { data, errors } = await ask(person, recipe);
      assert.equal(errors, undefined, JSON.stringify(errors));
      for (const field of Object.values(data)) {
        assert.deepEqual(field?.userErrors ?? [], []);
        assert.ok(!isEmpty(field), `the answer is empty: ${JSON.stringify(data)}`);
      }
    });
  }
}
