// Start: paint first, then ask the network, then let the service worker in.

import { App } from "./app.js";
import { recall } from "./clock.js";
import { refresh, syncDevice } from "./diary.js";
import { phoneLanguage, speak } from "./i18n.js";
import { tellLeftOver } from "./screens/flags.js";
import { storageScreen } from "./screens/storage.js";
import { flush, retryNow } from "./sender.js";
import { takeLink, waitingLink } from "./session.js";
import { StorageRefused, onChange, readState } from "./store.js";
import { watchForUpdates } from "./updates.js";

const MINUTE = 60_000;

async function start() {
  const secret = takeLink();
  const app = new App();
  try {
    await open(app, secret);
  } catch (error) {
    if (!(error instanceof StorageRefused)) throw error;
    await speak(phoneLanguage());
    document.getElementById("screen").replaceChildren(storageScreen(app, {}));
  }
  await watchForUpdates(app);
}

async function open(app, secret) {
  const state = await readState();
  recall(state.clock);
  await speak(state.language ?? state.session?.language ?? phoneLanguage());
  await app.reload();
  const link = secret ?? (app.snapshot.session ? null : waitingLink(state));
  await app.go(link ? "join" : "home", link ? { secret: link } : {}, { replace: true });
  onChange((isElsewhere) => app.guarded(() => app.changed(isElsewhere)));
  await tellLeftOver(app.snapshot);
  listen(app);
  await catchUp(app);
}

/** The newest plan, then what waits, then this phone's settings. */
async function catchUp(app) {
  await refresh();
  await flush();
  await syncDevice();
}

function listen(app) {
  const wake = () => app.guarded(() => retryNow().then(refresh).then(syncDevice));
  addEventListener("online", wake);
  addEventListener("offline", () => app.redrawIfLive());
  addEventListener("pagehide", app.leaving);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? wake() : app.leaving()));
  // Windows open and close while one looks on.
  setInterval(() => app.changed(), MINUTE);
  setInterval(() => app.guarded(() => flush().then(refresh)), 5 * MINUTE);
}

start();
