// How does an operation reach the server? By POST with the session's token, or by WebSocket when it is
// a subscription. A token that the server no longer takes is renewed once and the operation sent again.
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { place } from './place.js';
import { freshToken, onIdentity, refresh, session } from './session.js';

const socket = createClient({
  url: place.socket,
  lazy: true,
  connectionParams: async () => {
    const token = await freshToken();
    const { organization } = session.get();
    return {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(organization && { 'cairn-organization': organization }),
    };
  },
});
// A socket speaks for whoever opened it. After another person signed in it must be opened anew.
onIdentity(() => socket.terminate());

/** The headers that say who asks, and in which organization. */
export async function credentials() {
  const headers = new Headers();
  const token = await freshToken();
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const { organization } = session.get();
  if (organization) headers.set('Cairn-Organization', organization);
  return headers;
}

async function send(body, extra) {
  const headers = await credentials();
  headers.set('Content-Type', 'application/json');
  headers.set('Accept', 'application/graphql-response+json, application/json;q=0.9');
  // What the person wrote in the headers editor wins.
  for (const [name, value] of Object.entries(extra ?? {})) headers.set(name, String(value));
  const answer = await fetch(place.graphql, { method: 'POST', headers, body, credentials: 'omit' });
  const text = await answer.text();
  try {
    return { status: answer.status, result: JSON.parse(text) };
  } catch {
    const message = `The server answered ${answer.status}${text ? `: ${text.slice(0, 300)}` : '.'}`;
    return { status: answer.status, result: { errors: [{ message }] } };
  }
}

function isUnauthenticated({ status, result }) {
  return status === 401 || result.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED');
}

/** Sends one query or mutation and answers the response's JSON. */
export async function request(operation, extra) {
  const body = JSON.stringify(operation);
  let answer = await send(body, extra);
  if (isUnauthenticated(answer) && session.get().status === 'signedIn' && (await refresh())) {
    answer = await send(body, extra);
  }
  return answer.result;
}

// The editor reports the operation's name a moment after the text changed. The text itself knows best.
function describe(query, operationName) {
  try {
    const document = parse(query);
    const operation = getOperationAST(document, operationName) ?? getOperationAST(document);
    return { kind: operation?.operation, name: operation?.name?.value };
  } catch {
    return { kind: 'query', name: operationName };
  }
}

/** What GraphiQL calls for every run. */
export function fetcher({ query, variables, operationName }, options) {
  const { kind, name } = describe(query, operationName);
  const operation = { query, variables, ...(name && { operationName: name }) };
  if (kind === 'subscription') return socket.iterate(operation);
  return request(operation, options?.headers);
}
