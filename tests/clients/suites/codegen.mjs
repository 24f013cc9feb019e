// graphql-codegen makes types for TypeScript and Kotlin from the schema and the operations, without guessing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import { isScalarType, isSpecifiedScalarType } from "graphql";
import { HERE, inFolder, ownTypes, program, readSchema, SCHEMA_FILE } from "../schema.mjs";

export const needsServer = false;

/** All our scalars travel as strings, but for these. */
const OTHERWISE = {
  Params: { typescript: "Record<string, string>", kotlin: "Map<String, String>" },
  JSON: { typescript: "unknown", kotlin: "Any" },
};

export default async function ({ check }) {
  const scalars = ownTypes(readSchema()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  const mapped = (language, text) =>
    Object.fromEntries(scalars.map(({ name }) => [name, OTHERWISE[name]?.[language] ?? text]));

  await check("graphql-codegen: TypeScript and Kotlin", () =>
    inFolder(async (folder) => {
      const typescript = join(folder, "cairn.ts");
      const kotlin = join(folder, "Cairn.kt");
      await generate(
        {
          schema: SCHEMA_FILE,
          documents: join(HERE, "operations/*.graphql"),
          silent: true,
          generates: {
            [typescript]: {
              plugins: ["typescript", "typescript-operations"],
              config: { strictScalars: true, scalars: mapped("typescript", "string") },
            },
            [kotlin]: {
              plugins: ["kotlin"],
              config: { strictScalars: true, scalars: mapped("kotlin", "String"), package: "org.example" },
            },
          },
        },
        true,
      );
      assert.match(readFileSync(typescript, "utf8"), /export type LimitsQuery = /);
      assert.match(readFileSync(kotlin, "utf8"), /enum class UserErrorCode/);
      await program(HERE, "tsc", "--noEmit", "--strict", "--skipLibCheck", typescript);
    }),
  );
}
