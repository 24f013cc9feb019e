// relay-compiler accepts the schema: connections, edges, and refetching by `node`.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HERE, inFolder, program, SCHEMA_FILE } from "../schema.mjs";

export const needsServer = false;

export default async function ({ check }) {
  await check("relay-compiler: pages and fragments that refetch themselves", () =>
    inFolder(async (folder) => {
      cpSync(join(HERE, "relay"), join(folder, "src"), { recursive: true });
      cpSync(SCHEMA_FILE, join(folder, "schema.graphql"));
      mkdirSync(join(folder, "made"));
      writeFileSync(
        join(folder, "relay.config.json"),
        JSON.stringify({
          src: "src",
          schema: "schema.graphql",
          artifactDirectory: "made",
          language: "typescript",
          eagerEsModules: true,
        }),
      );
      await program(folder, "relay-compiler");
      const made = readdirSync(join(folder, "made"));
      assert.ok(made.includes("HistoryPaginationQuery.graphql.ts"), made.join(" "));
      assert.ok(made.includes("OrganizationCardRefetchQuery.graphql.ts"), made.join(" "));
    }),
  );
}
