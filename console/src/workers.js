// Where do the editor's workers come from? From this server, under names that the build fills in.
/* global CAIRN_WORKERS */
import { place } from './place.js';

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(place.asset(CAIRN_WORKERS[label] ?? CAIRN_WORKERS.editor)),
};
