// Paints the waiting page at once, then brings the console, which is a hundred times as large.
import './boot.css';

// The editor makes style elements while it runs. The page's policy admits only those that carry the
// number the server drew for this very response.
const nonce = document.querySelector('meta[name="style-nonce"]').content;
const create = Document.prototype.createElement;
Document.prototype.createElement = function createElement(name, options) {
  const element = create.call(this, name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

const { app, style } = document.querySelector('script[data-app]').dataset;

function stylesheet(href) {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = resolve;
    link.onerror = () => reject(new Error('the style sheet did not arrive'));
    document.head.append(link);
  });
}

Promise.all([import(new URL(app, document.baseURI)), stylesheet(style)])
  .then(([{ open }]) => open(document.getElementById('console')))
  .catch((fault) => {
    console.error(fault);
    const line = document.getElementById('waiting');
    if (line) line.textContent = 'The console could not be opened. Reload the page to try again.';
  });
