// The console: GraphiQL with the panels of this project.
import './workers.js';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './style.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { loadRecipes } from './recipe.js';
import { fetcher } from './request.js';
import { onIdentity, refresh, session } from './session.js';
import { storage } from './storage.js';
import { useStore } from './store.js';
import { WELCOME } from './welcome.js';
import './membership.js';
import { filesPanel } from './panel/files.jsx';
import { recipesPanel } from './panel/recipes.jsx';
import { signInPanel } from './panel/sign-in.jsx';

const plugins = [signInPanel, recipesPanel, filesPanel, explorerPlugin(), HISTORY_PLUGIN];

// The page's own icon; the build knows its name, and the page says it.
const ICON = document.querySelector('link[rel="icon"]').href;

/** The line above the answer that always says who is asking. */
function Who() {
  const { status, viewer } = useStore(session);
  const { setVisiblePlugin } = useGraphiQLActions();
  return (
    <button type="button" className="cairn-who" onClick={() => setVisiblePlugin(signInPanel.title)}>
      <img src={ICON} alt="" width="20" height="20" />
      <span>{status === 'signedIn' ? viewer.name : 'Cairn: not signed in'}</span>
    </button>
  );
}

// A server may show its schema to members only, so whoever signs in asks for it again.
function SchemaOfTheSignedIn() {
  const { introspect } = useGraphiQLActions();
  const schema = useGraphiQL((state) => state.schema);
  useEffect(() => onIdentity(() => schema || introspect()), [schema, introspect]);
  return null;
}

export async function open(element) {
  const recipes = loadRecipes();
  await refresh();
  await recipes;
  const first = session.get().status === 'signedIn' ? recipesPanel : signInPanel;
  createRoot(element).render(
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={first.title}
      storage={storage}
      defaultQuery={WELCOME}
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <Who />
        <SchemaOfTheSignedIn />
      </GraphiQL.Logo>
    </GraphiQL>);
}
