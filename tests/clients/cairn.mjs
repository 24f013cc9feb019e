// A server to test against: the one at CAIRN_URL, or the debug binary with demo data of its own.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BINARY = fileURLToPath(new URL("../../target/debug/cairn", import.meta.url));
/** A first start prepares a database and its demo data. */
const START_SECONDS = 120;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function isReady(base) {
  try {
    return (await fetch(`${base}/health/ready`)).ok;
  } catch {
    return false;
  }
}

function describe(base, password, stop) {
  const cairn = { base, graphql: `${base}/graphql`, socket: `${base.replace(/^http/, "ws")}/graphql`, stop };
  /** Sends one request and returns the parsed answer. */
  cairn.ask = async (query, variables, token) => {
    const headers = { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    const response = await fetch(cairn.graphql, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  };
  /** An access token of a demo person, such as `coordinator`; CAIRN_TOKEN replaces it where there is no demo. */
  cairn.signIn = async (person) => {
    if (process.env.CAIRN_TOKEN) return process.env.CAIRN_TOKEN;
    const answer = await cairn.ask(
      "mutation SignIn($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code message } } }",
      { input: { email: `${person}@demo.example`, password } },
    );
    const token = answer.data?.signIn?.tokens?.accessToken;
    if (!token) throw new Error(`${person} cannot sign in: ${JSON.stringify(answer)}`);
    return token;
  };
  return cairn;
}

export async function startCairn() {
  const given = process.env.CAIRN_URL;
  if (given) {
    return describe(given.replace(/\/$/, ""), process.env.CAIRN_DEMO_PASSWORD, async () => {});
  }
  const password = randomBytes(12).toString("base64url");
  const data = mkdtempSync(join(tmpdir(), "cairn-clients-"));
  // The private PostgreSQL of a server that runs as root belongs to another user, who must be able to enter.
  chmodSync(data, 0o755);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = spawn(BINARY, ["serve"], {
    env: {
      ...process.env,
      CAIRN_LISTEN: `127.0.0.1:${port}`,
      CAIRN_DATA_DIR: join(data, "data"),
      CAIRN_DEMO: "yes",
      CAIRN_DEMO_PASSWORD: password,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes) => {
      output = (output + bytes).slice(-20_000);
    });
  }
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => {
      output += String(error);
      resolve();
    });
  });
  let alive = true;
  ended.then(() => {
    alive = false;
  });
  const stop = async () => {
    if (alive) child.kill("SIGTERM");
    await Promise.race([ended, pause(20_000)]);
    if (alive) child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  };
  for (let tries = 0; tries < START_SECONDS * 10; tries += 1) {
    if (!alive) break;
    if (await isReady(base)) return describe(base, password, stop);
    await pause(100);
  }
  await stop();
  throw new Error(`cairn did not become ready:\n${output}`);
}
