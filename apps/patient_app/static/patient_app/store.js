// What the phone keeps, in IndexedDB. A write is over when the disk has it (durability "strict").

const NAME = "diary";
const STORES = { state: null, runs: "key", outbox: "id", receipts: "id", refused: "id" };

/** The phone does not let the app keep anything, or nothing more. */
export class StorageRefused extends Error {}

const channel = new BroadcastChannel("diary");
const listeners = new Set();
/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** Calls `listener` after each change, here (false) or in another tab (true). */
export const onChange = (listener) => listeners.add(listener);

channel.addEventListener("message", () => listeners.forEach((listener) => listener(true)));

export function announce() {
  listeners.forEach((listener) => listener(false));
  channel.postMessage("changed");
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) request.result.createObjectStore(name, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = null;
    throw new StorageRefused(error?.message);
  });
  return opened;
}

function whenDone(transaction, result) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(result?.());
    transaction.onabort = () => reject(new StorageRefused(transaction.error?.message));
  });
}

/** Everything of one store, or of several in one moment. */
export async function readAll(...names) {
  const transaction = await begin(names, "readonly");
  const requests = names.map((name) => transaction.objectStore(name).getAll());
  return whenDone(transaction, () => requests.map((request) => request.result));
}

/** The remembered facts by name: session, today, language and the like. */
export async function readState() {
  const transaction = await begin("state", "readonly");
  const store = transaction.objectStore("state");
  const keys = store.getAllKeys();
  const values = store.getAll();
  return whenDone(transaction, () => Object.fromEntries(keys.result.map((key, n) => [key, values.result[n]])));
}

/**
 * One change, whole or not at all: `change(["outbox", "runs"], ({ outbox, runs }) => { ... })`.
 * Resolves when it is on the disk.
 */
export async function change(names, work) {
  const transaction = await begin(names, "readwrite", { durability: "strict" });
  try {
    work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
  } catch (error) {
    transaction.abort();
    throw new StorageRefused(error.message);
  }
  await whenDone(transaction);
  announce();
}

/** Puts what `work` makes of one kept thing in its place. What another tab has ended meanwhile stays ended. */
export const mend = (name, key, work) =>
  change([name], ({ [name]: store }) => {
    store.get(key).onsuccess = ({ target }) => {
      try {
        if (target.result) store.put(work(target.result));
      } catch {
        target.transaction.abort();
      }
    };
  });

export const remember = (name, value) => change(["state"], ({ state }) => state.put(value, name));

/** The browser may have closed the database behind our back: the next try opens it again. */
async function begin(...what) {
  try {
    return (await database()).transaction(...what);
  } catch (error) {
    opened = null;
    // No IndexedDB at all is a ReferenceError or a TypeError, by browser.
    throw error instanceof StorageRefused ? error : new StorageRefused(error.message);
  }
}
