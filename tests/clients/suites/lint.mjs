// The schema follows the rules of graphql-eslint for schemas and for Relay, as far as eslint.config.mjs says.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HERE, program, SCHEMA_FILE } from "../schema.mjs";

export const needsServer = false;

export default async function ({ check }) {
  await check("graphql-eslint: the schema", async () => {
    // ESLint reads nothing outside of its own folder.
    const copy = join(HERE, "schema.copy.graphql");
    copyFileSync(SCHEMA_FILE, copy);
    try {
      await program(HERE, "eslint", "--max-warnings", "0", "schema.copy.graphql");
    } finally {
      rmSync(copy, { force: true });
    }
  });
}
