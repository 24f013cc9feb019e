// Tools learn the whole schema from a running server, within its limits, and it is the committed one.
import assert from "node:assert/strict";
import {
  buildClientSchema,
  getIntrospectionQuery,
  introspectionFromSchema,
  lexicographicSortSchema,
  specifiedScalarTypes,
} from "graphql";
import { readSchema } from "../schema.mjs";

export const needsServer = true;

/** Our own types; those of the language belong to the version of graphql-js. */
const types = (schema) =>
  introspectionFromSchema(lexicographicSortSchema(schema)).__schema.types.filter(
    ({ name }) => !name.startsWith("__") && !specifiedScalarTypes.some((scalar) => scalar.name === name),
  );

export default async function ({ check, cairn }) {
  await check("introspection: everything that graphql-js can ask for", async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { data, errors } = await cairn.ask(query);
    assert.equal(errors, undefined);
    const served = buildClientSchema(data);
    assert.deepEqual(types(served), types(readSchema()));
    for (const directive of served.getDirectives()) {
      for (const arg of directive.args) assert.ok(arg.description, `@${directive.name}(${arg.name}:)`);
    }
  });
}
