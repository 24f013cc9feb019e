// Everything that an app developer sees is described, and every custom scalar says what it is.
import assert from "node:assert/strict";
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from "graphql";
import { ownTypes, readSchema } from "../schema.mjs";

export const needsServer = false;

export default async function ({ check }) {
  const schema = readSchema();
  const things = { types: [], fields: [], arguments: [], "input fields": [], "enum values": [], directives: [] };
  for (const type of ownTypes(schema)) {
    if (isSpecifiedScalarType(type)) continue;
    things.types.push([type.name, type]);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        things.fields.push([`${type.name}.${field.name}`, field]);
        for (const arg of field.args) things.arguments.push([`${type.name}.${field.name}(${arg.name}:)`, arg]);
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        things["input fields"].push([`${type.name}.${field.name}`, field]);
      }
    }
    if (isEnumType(type)) {
      for (const value of type.getValues()) things["enum values"].push([`${type.name}.${value.name}`, value]);
    }
  }
  for (const directive of schema.getDirectives()) {
    if (isSpecifiedDirective(directive)) continue;
    // Their arguments are described in introspection only: the file has no room for it.
    things.directives.push([`@${directive.name}`, directive]);
  }
  for (const [kind, all] of Object.entries(things)) {
    const bare = all.filter(([, thing]) => !thing.description?.trim()).map(([name]) => name);
    await check(`descriptions: ${all.length - bare.length} of ${all.length} ${kind}`, async () =>
      assert.deepEqual(bare, []),
    );
  }
  const scalars = ownTypes(schema).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  await check(`descriptions: @specifiedBy on ${scalars.length} scalars`, async () =>
    assert.deepEqual(
      scalars.filter((scalar) => !scalar.specifiedByURL).map((scalar) => scalar.name),
      [],
    ),
  );
}
