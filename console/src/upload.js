// How does a file reach the server? As the body of one request, streamed by the browser.
import { place } from './place.js';
import { credentials } from './request.js';

/** Uploads one file and answers what the server stored: `{ id, … }`. */
export async function upload(file) {
  const headers = await credentials();
  const body = new FormData();
  body.append('file', file);
  const answer = await fetch(place.files, { method: 'POST', headers, body, credentials: 'omit' });
  const content = await answer.json().catch(() => ({}));
  if (answer.ok && content.file) return content.file;
  const told = content.message ?? content.errors?.[0]?.message;
  throw new Error(`${file.name}: ${told ?? `the server answered ${answer.status}.`}`);
}
