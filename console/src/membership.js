// In which organizations does the person act, and as what?
import { request } from './request.js';
import { onIdentity, session } from './session.js';
import { store } from './store.js';

const QUERY = `query ConsoleMemberships {
  viewer { memberships { organization { id name } roles } }
}`;

export const membership = store({ list: [] });

async function load() {
  if (session.get().status !== 'signedIn') {
    membership.set({ list: [] });
    return;
  }
  const { data } = await request({ query: QUERY, operationName: 'ConsoleMemberships' });
  membership.set({ list: data?.viewer?.memberships ?? [] });
}

onIdentity(() => load().catch((fault) => console.warn(fault)));
