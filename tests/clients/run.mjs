// Runs the clients and acceptance suites of others against a server and its schema.
// `CAIRN_URL=http://host:port node run.mjs` uses a running server; without it, the debug binary is started
// on a free port with demo data in a temporary folder. An argument runs only the suites whose name contains it.
import { readdirSync } from "node:fs";
import { startCairn } from "./cairn.mjs";

const wanted = process.argv[2] ?? "";
const names = readdirSync(new URL("./suites/", import.meta.url))
  .filter((name) => name.endsWith(".mjs") && name.includes(wanted))
  .sort();

let passed = 0;
let failed = 0;
/** Runs one case; a rejection is a failure, and the rest goes on. */
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error?.stack ?? error).replaceAll("\n", "\n        ")}`);
  }
}

const suites = await Promise.all(names.map((name) => import(`./suites/${name}`)));
let cairn;
try {
  if (suites.some((suite) => suite.needsServer)) {
    await check("the server starts", async () => {
      cairn = await startCairn();
    });
  }
  for (const suite of suites) {
    if (suite.needsServer && !cairn) continue;
    await suite.default({ check, cairn });
  }
} finally {
  await cairn?.stop();
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
