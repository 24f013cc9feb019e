// Where is this server? The console asks only the one it came from, under whatever prefix it is served.
const base = window.location.pathname.replace(/\/graphiql\/?$/, '');

export const place = {
  graphql: `${base}/graphql`,
  socket: `${window.location.origin.replace(/^http/, 'ws')}${base}/graphql`,
  session: `${base}/console/session`,
  recipes: `${base}/console/recipes.json`,
  files: `${base}/files`,
  asset: (name) => `${base}/graphiql/${name}`,
};
