// In which organizations does the person act, and as what?
import { request } from './request.js';
import { keepOrganization, onIdentity, session } from './session.js';
import { store } from './store.js';

const QUERY = `query ConsoleMemberships {
  viewer { memberships { organization { id name } roles { role } } }
}`;

export const membership = store({ list: [] });

/** Asks again, and settles on an organization: with a second one, the server would not know which is meant. */
export async function loadMemberships() {
  if (session.get().status !== 'signedIn') {
    membership.set({ list: [] });
    return;
  }
  const { data } = await request({ query: QUERY, operationName: 'ConsoleMemberships' });
  const roles = (one) => [...new Set(one.roles.map(({ role }) => role))];
  const visible = (data?.viewer?.memberships ?? []).filter((one) => one.organization);
  const list = visible.map((one) => ({ ...one, roles: roles(one) }));
  const { organization } = session.get();
  if (list.length > 0 && !list.some((one) => one.organization.id === organization)) {
    keepOrganization(list[0].organization.id);
  }
  membership.set({ list });
}

onIdentity(() => loadMemberships().catch((fault) => console.warn(fault)));
