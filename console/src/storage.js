// What does the browser keep? Looks (theme, widths) stay; what a person typed ends with the tab, since
// queries and their variables name people and the next reader of a shared machine must not find them.
const looks = /^graphiql:(theme|visiblePlugin|.*Flex)$/;
const shelf = (key) => (looks.test(key) ? window.localStorage : window.sessionStorage);

export const storage = {
  getItem: (key) => shelf(key).getItem(key),
  setItem: (key, value) => shelf(key).setItem(key, value),
  removeItem: (key) => shelf(key).removeItem(key),
  clear() {
    window.sessionStorage.clear();
    window.localStorage.clear();
  },
  get length() {
    return window.sessionStorage.length + window.localStorage.length;
  },
};
