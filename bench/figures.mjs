// Measures a release binary: start, memory, and what hostile documents cost.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { documents } from "./hostile.mjs";

const require = createRequire(new URL("../tests/clients/package.json", import.meta.url));
const WebSocket = require("ws");

const BINARY = resolve(process.argv[2]);
const READY_MILLISECONDS = 150;
const IDLE_MEGABYTES = 40;
const CPU_MILLISECONDS = 50;
const ANSWER_BYTES = 64 * 1024;
/** Limits of the server: of a body, and of a message on a socket. */
const BODY_BYTES = 128 * 1024;
const SOCKET_BYTES = 64 * 1024;

let passed = 0;
let failed = 0;
function judge(name, value, limit, unit) {
  const good = value <= limit;
  if (good) passed += 1;
  else failed += 1;
  console.log(`${good ? "ok    " : "FAILED"}  ${name}: ${value.toFixed(1)} ${unit} (at most ${limit})`);
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Starts a server on `data`; resolves when it is ready, with the milliseconds that took. */
async function start(data, demo) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const environment = { ...process.env, CAIRN_LISTEN: `127.0.0.1:${port}`, CAIRN_DATA_DIR: data, CAIRN_DEMO: demo, CAIRN_LOG: "warn" };
  const begun = performance.now();
  const child = spawn(BINARY, ["serve"], { env: environment, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`cairn ended with ${child.exitCode}`);
    try {
      if ((await fetch(`${base}/health/ready`)).ok) break;
    } catch {
      // Not listening yet.
    }
    await pause(2);
  }
  const milliseconds = performance.now() - begun;
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { base, socket: base.replace("http", "ws"), pid: child.pid, milliseconds, stop };
}

/** CPU time of all threads of a process, in milliseconds, as the scheduler counts it. */
function cpu(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // The thread has ended.
    }
  }
  return nanoseconds / 1e6;
}

function residentMegabytes(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

function demand(good, name) {
  if (good) passed += 1;
  else failed += 1;
  if (!good) console.log(`FAILED  ${name}`);
}

async function post(server, body, accept) {
  const headers = { "content-type": "application/json", accept };
  const response = await fetch(`${server.base}/graphql`, { method: "POST", headers, body });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

const overHttp = (server, body) => post(server, body, "application/json");
const overEvents = (server, body) => post(server, body, "text/event-stream");

/** Resolves with the messages after the greeting, and the code with which the socket was closed. */
function overSocket(server, body) {
  return new Promise((done, fail) => {
    const socket = new WebSocket(`${server.socket}/graphql`, "graphql-transport-ws");
    let text = "";
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init" })));
    socket.on("message", (bytes) => {
      const message = JSON.parse(bytes);
      if (message.type === "connection_ack") socket.send(`{"id":"1","type":"subscribe","payload":${body}}`);
      else text += bytes;
      if (message.type === "error" || message.type === "complete") socket.close(1000);
    });
    socket.on("close", (status) => done({ status, text }));
    socket.on("error", fail);
  });
}

/** Was it refused, in the way of the transport? */
function refused(transport, body, { status, type, text }) {
  if (transport === "WebSocket") {
    // A client that is still sending may find the connection gone before it reads why.
    if (body.length > SOCKET_BYTES) return status === 1009 || status === 1006;
    return status === 4400 || text.includes('"type":"error"');
  }
  if (body.length > BODY_BYTES) {
    return status === 413 && type.startsWith("application/json") && JSON.parse(text).errors[0].extensions.code === "PAYLOAD_TOO_LARGE";
  }
  return text.includes('"errors"') && !text.includes('"data":{');
}

const data = mkdtempSync(join(tmpdir(), "cairn-figures-"));
chmodSync(data, 0o755);
const first = await start(join(data, "data"), "no");
try {
  const times = [];
  const costs = [];
  for (let round = 0; round < 5; round += 1) {
    const second = await start(join(data, "data"), "no");
    times.push(second.milliseconds);
    costs.push(cpu(second.pid));
    if (round === 4) {
      await pause(2000);
      judge("memory of an idle server", residentMegabytes(second.pid), IDLE_MEGABYTES, "MB");
    }
    await second.stop();
  }
  times.sort((a, b) => a - b);
  costs.sort((a, b) => a - b);
  console.log(`        a start costs ${costs[2].toFixed(1)} ms CPU (median of 5); from start to ready took ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  judge("from start to ready, PostgreSQL running (median of 5)", times[2], READY_MILLISECONDS, "ms");

  // What is measured is the server warm, as it is when somebody attacks it.
  await overHttp(first, JSON.stringify({ query: "{ __typename }" }));
  let longest = 0;
  for (const [transport, send] of [["HTTP", overHttp], ["WebSocket", overSocket], ["SSE", overEvents]]) {
    for (const { name, query, body: given } of documents) {
      const body = given ?? JSON.stringify({ query });
      const before = cpu(first.pid);
      const answer = await send(first, body);
      await pause(20);
      judge(`${transport}: ${name}`, cpu(first.pid) - before, CPU_MILLISECONDS, "ms CPU");
      demand(refused(transport, body, answer), `${transport}: ${name} was answered ${answer.status}: ${answer.text.slice(0, 200)}`);
      longest = Math.max(longest, answer.text.length);
    }
  }
  judge("the longest of these answers", longest / 1024, ANSWER_BYTES / 1024, "KiB");
} finally {
  await first.stop();
  rmSync(data, { recursive: true, force: true });
}
console.log(`\n${cpus().length} processors, ${cpus()[0].model}; load ${loadavg()[0].toFixed(1)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
