// graphql-ws, the reference client of graphql-transport-ws, and the close codes that it relies on.
import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { QUERY, REFUSED, subscription } from "../questions.mjs";

export const needsServer = true;

/** Opens a raw socket, says these messages, and returns the close code and reason. */
function closing(url, messages, protocol = "graphql-transport-ws") {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol);
    const late = setTimeout(() => {
      socket.terminate();
      reject(new Error("the socket was not closed"));
    }, 15_000);
    socket.once("open", () => messages.forEach((message) => socket.send(message)));
    socket.once("error", reject);
    socket.once("close", (code, reason) => {
      clearTimeout(late);
      resolve({ code, reason: reason.toString() });
    });
  });
}

const INIT = JSON.stringify({ type: "connection_init" });
const subscribe = (id, query) => JSON.stringify({ id, type: "subscribe", payload: { query } });

/** Collects what an operation gives until it ends, or until there are `most`. */
async function collect(client, query, most = Infinity) {
  const results = [];
  for await (const result of client.iterate({ query })) {
    results.push(result);
    if (results.length >= most) break;
  }
  return results;
}

export default async function ({ check, cairn }) {
  const client = (token) =>
    createClient({
      url: cairn.socket,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: token ? { authorization: `Bearer ${token}` } : undefined,
    });

  await check("graphql-ws: a query is answered once and completes", async () => {
    const open = client();
    assert.deepEqual(await collect(open, QUERY.text), [{ data: QUERY.data }]);
    await open.dispose();
  });
  await check("graphql-ws: a refused document is an error, and the socket stays", async () => {
    const open = client();
    await assert.rejects(collect(open, REFUSED.text), (errors) => errors[0].extensions.code === REFUSED.code);
    assert.equal((await collect(open, QUERY.text)).length, 1);
    await open.dispose();
  });
  await check("graphql-ws: a subscription brings what happens", async () => {
    const { token, text, trigger, seen } = await subscription(cairn);
    const open = client(token);
    const timer = setTimeout(trigger, 500);
    const [event] = await collect(open, text, 1);
    clearTimeout(timer);
    assert.ok(seen(event), JSON.stringify(event));
    await open.dispose();
  });
  await check("graphql-ws: a bad token closes with 4403", async () => {
    const { code } = await closing(cairn.socket, [
      JSON.stringify({ type: "connection_init", payload: { authorization: "Bearer nonsense" } }),
    ]);
    assert.equal(code, 4403);
  });
  for (const [name, messages, expected] of [
    ["an operation before the init", [subscribe("1", QUERY.text)], 4401],
    ["no init in time", [], 4408],
    ["a second init", [INIT, INIT], 4429],
    ["a malformed message", [INIT, "nonsense"], 4400],
  ]) {
    await check(`graphql-transport-ws: ${name} closes with ${expected}`, async () => {
      const { code, reason } = await closing(cairn.socket, messages);
      assert.equal(code, expected, reason);
      assert.ok(Buffer.byteLength(reason) <= 123);
    });
  }
  await check("graphql-transport-ws: an id that is in use closes with 4409", async () => {
    const { token, text } = await subscription(cairn);
    const payload = { authorization: `Bearer ${token}` };
    const { code, reason } = await closing(cairn.socket, [
      JSON.stringify({ type: "connection_init", payload }),
      subscribe("1", text),
      subscribe("1", text),
    ]);
    assert.equal(code, 4409, reason);
  });
  await check("the protocol subscriptions-transport-ws is refused", async () => {
    await assert.rejects(closing(cairn.socket, [], "graphql-ws"));
  });
}
