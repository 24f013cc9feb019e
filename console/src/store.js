// How do panels see what changes outside React? One value, replaced as a whole, and its readers.
import { useSyncExternalStore } from 'react';

export function store(value) {
  const readers = new Set();
  return {
    get: () => value,
    set(change) {
      value = { ...value, ...change };
      for (const reader of readers) reader();
    },
    subscribe(reader) {
      readers.add(reader);
      return () => readers.delete(reader);
    },
  };
}

export const useStore = (source) => useSyncExternalStore(source.subscribe, source.get);
