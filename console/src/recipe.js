// Which recipes does this server offer, and who may try them with one click?
import { place } from './place.js';
import { signIn } from './session.js';
import { store } from './store.js';

/** `status` is loading, ready or failed. */
export const cookbook = store({ status: 'loading', demo: false, people: [], password: null, recipes: [] });

export async function loadRecipes() {
  try {
    const answer = await fetch(place.recipes, { credentials: 'omit' });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const { demo, people, password, recipes } = await answer.json();
    cookbook.set({
      status: 'ready',
      demo: demo === true,
      people: people ?? [],
      password: password ?? null,
      recipes: (recipes ?? []).map((recipe) => ({ ...recipe, variables: asText(recipe.variables) })),
    });
  } catch (fault) {
    console.warn(fault);
    cookbook.set({ status: 'failed' });
  }
}

function asText(variables) {
  if (!variables || Object.keys(variables).length === 0) return '';
  return JSON.stringify(variables, null, 2);
}

/** Whether a click is enough to become this demo person. */
export const canBecome = ({ people, password }, email) =>
  Boolean(password) && people.some((person) => person.email === email);

export const become = (email) => signIn(email, cookbook.get().password);

/** How the demo calls a person: "Coordinator" for coordinator@demo.example. */
export const labelOf = ({ people }, email) =>
  people.find((person) => person.email === email)?.label ?? email;
