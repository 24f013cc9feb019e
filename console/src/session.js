// Who is signed in, and with which token?
//
// The access token lives in this module's memory and nowhere else. What outlives a reload is a cookie
// that scripts cannot read and that the browser sends to the session address alone.
import { place } from './place.js';
import { store } from './store.js';

const EARLY_MS = 60_000;
const RETRY_MS = 5_000;
const ORGANIZATION_KEY = 'cairn:organization';

/** `status` is starting, signedOut or signedIn. */
export const session = store({
  status: 'starting',
  viewer: null,
  organization: window.sessionStorage.getItem(ORGANIZATION_KEY),
});

let token = null;
let expiresAt = 0;
let timer = null;
let refreshing = null;
const identityChanged = new Set();

/** Calls `listener` when another person, or nobody, has become the one who is signed in. Answers how to stop that. */
export function onIdentity(listener) {
  identityChanged.add(listener);
  return () => identityChanged.delete(listener);
}

function announce() {
  for (const listener of identityChanged) listener();
}

async function call(method, body) {
  const answer = await fetch(place.session, {
    method,
    credentials: 'same-origin',
    headers: { 'X-Cairn-Console': '1', ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const fault = new Error(reasonFor(answer, content));
  fault.status = answer.status;
  throw fault;
}

function reasonFor(answer, content) {
  const told = content.message ?? content.errors?.[0]?.message ?? content.error_description;
  if (typeof told === 'string' && told) return told;
  if (answer.status === 401) return 'E-mail and password do not belong together.';
  if (answer.status === 429) return 'Too many attempts. Wait a moment, then try again.';
  if (answer.status === 404) return 'This server does not offer sign-in from the console.';
  return `The server answered ${answer.status}.`;
}

function adopt({ accessToken, expiresIn, viewer }) {
  const another = session.get().viewer?.email !== viewer?.email;
  token = accessToken;
  expiresAt = Date.now() + expiresIn * 1000;
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.max(expiresIn * 1000 - EARLY_MS, RETRY_MS));
  session.set({ status: 'signedIn', viewer });
  if (another) announce();
}

function forget() {
  token = null;
  clearTimeout(timer);
  const before = session.get().status;
  session.set({ status: 'signedOut', viewer: null });
  if (before === 'signedIn') announce();
}

export async function signIn(email, password) {
  const answer = await call('POST', { email, password });
  if (session.get().viewer?.email !== answer.viewer?.email) keepOrganization(null);
  adopt(answer);
}

/** Forgets the token, and everything the person typed or was shown in this tab. */
export async function signOut() {
  try {
    await call('DELETE');
  } finally {
    forget();
    window.sessionStorage.clear();
    window.location.reload();
  }
}

// Two windows of one browser share the cookie. They take turns, so that neither presents a refresh
// token that the other has just used up.
function inTurn(work) {
  return navigator.locks ? navigator.locks.request('cairn-console-session', work) : work();
}

/** Gets a new access token; answers whether there is one. */
export function refresh() {
  refreshing ??= inTurn(() => call('PUT'))
    .then(adopt)
    .catch((fault) => {
      if (fault.status) {
        forget();
      } else {
        // The server is not there right now: the token that we hold may still be good.
        clearTimeout(timer);
        timer = setTimeout(refresh, RETRY_MS);
        if (session.get().status === 'starting') session.set({ status: 'signedOut' });
      }
    })
    .then(() => {
      refreshing = null;
      return token !== null && Date.now() < expiresAt;
    });
  return refreshing;
}

/** The token to send now, renewed first when it is about to end. */
export async function freshToken() {
  if (token && Date.now() > expiresAt - RETRY_MS) await refresh();
  return token;
}

/** Notes the organization that requests act in, for this tab, without telling anybody. */
export function keepOrganization(organization) {
  if (organization) window.sessionStorage.setItem(ORGANIZATION_KEY, organization);
  else window.sessionStorage.removeItem(ORGANIZATION_KEY);
  session.set({ organization });
}

/** From now on, requests act in this organization; null leaves the choice to the server. */
export function chooseOrganization(organization) {
  keepOrganization(organization);
  announce();
}
