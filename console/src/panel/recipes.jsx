// The panel with the story of one program: every step is an operation that is ready to run.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useState } from 'react';
import { become, canBecome, cookbook, labelOf } from '../recipe.js';
import { session } from '../session.js';
import { useStore } from '../store.js';
import { WELCOME } from '../welcome.js';
import { RecipesIcon } from './icons.jsx';

const TOOLS = 'Variables';

/** Puts a recipe into a tab of its own, or goes back to the tab where it still stands unchanged. */
function useOpen() {
  const { addTab, changeTab, updateActiveTabValues } = useGraphiQLActions();
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL(
    pick('tabs', 'activeTabIndex', 'queryEditor', 'variableEditor'));
  return ({ query, variables }) => {
    const same = (tab) => tab.query === query && (tab.variables ?? '') === variables;
    const known = tabs.findIndex(same);
    if (known === activeTabIndex && known >= 0) return;
    if (known >= 0) {
      changeTab(known);
      return;
    }
    if (!isUntouched(tabs[activeTabIndex])) addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    updateActiveTabValues({ query, variables });
    if (variables) showVariables();
  };
}

const isUntouched = ({ query, variables }) => [undefined, null, '', WELCOME].includes(query) && !variables;

// GraphiQL offers no action that unfolds the variables; its button does.
function showVariables() {
  const tools = document.querySelector('.graphiql-editor-tools');
  const button = [...(tools?.querySelectorAll('button') ?? [])].find((one) => one.textContent === TOOLS);
  if (button && !button.classList.contains('active')) button.click();
}

function Recipe({ recipe, onOpen, onRun, busy }) {
  const book = useStore(cookbook);
  const { viewer } = useStore(session);
  const other = recipe.as && recipe.as !== viewer?.email;
  const label = recipe.as && labelOf(book, recipe.as);
  const switches = other && canBecome(book, recipe.as);
  const run = switches ? `Run as ${label}` : 'Run';
  const name = `recipe ${recipe.number}: ${recipe.title}`;
  return (
    <li className="cairn-recipe">
      <h3>
        <span className="cairn-number">{recipe.number}</span> {recipe.title}
      </h3>
      <p>{recipe.description}</p>
      <div className="cairn-actions">
        <button type="button" className="cairn-button" onClick={() => onOpen(recipe)} aria-label={`Open ${name}`}>
          Open
        </button>
        <button type="button" className="cairn-button cairn-primary" disabled={busy} onClick={() => onRun(recipe, switches)} aria-label={`${run} ${name}`}>
          {run}
        </button>
        {label && !switches && <span className="cairn-hint">as {label}</span>}
      </div>
    </li>
  );
}

function Recipes() {
  const { status, recipes } = useStore(cookbook);
  const { run } = useGraphiQLActions();
  const [state, setState] = useState({ busy: false, fault: null });
  const open = useOpen();

  const runRecipe = async (recipe, switches) => {
    open(recipe);
    setState({ busy: true, fault: null });
    try {
      if (switches) await become(recipe.as);
      setState({ busy: false, fault: null });
      run();
    } catch (fault) {
      setState({ busy: false, fault: fault.message });
    }
  };

  return (
    <div className="cairn-panel">
      <h2>Recipes</h2>
      <p className="cairn-hint">
        One mentorship program from its first day to its impact. Each step says who takes it.
      </p>
      <p role="alert" className="cairn-fault">{state.fault}</p>
      {status === 'loading' && <p role="status">Fetching the recipes…</p>}
      {status === 'failed' && <p role="status">This server did not hand out its recipes. Reload to try again.</p>}
      <ol className="cairn-recipes">
        {recipes.map((recipe) => (
          <Recipe key={recipe.number} recipe={recipe} busy={state.busy} onOpen={open} onRun={runRecipe} />
        ))}
      </ol>
    </div>
  );
}

export const recipesPanel = { title: 'Recipes', icon: RecipesIcon, content: Recipes };
