// The day's plan from the clinic, and this phone's own settings there. Both are kept for times without a network.

import { Unreachable, call } from "./api.js";
import { zone } from "./clock.js";
import { wordingLanguage } from "./i18n.js";
import { turnAway } from "./session.js";
import { StorageRefused, change, readState, remember } from "./store.js";

const VERSION = document.documentElement.dataset.version;
let lastClock = null;
const KEPT_FRESH = 3_600_000;

/** Remembers by how much the clock is off, when that has changed or was last kept a while ago. */
export function noteClock(clock) {
  const isKnown = lastClock && Math.abs(clock?.error - lastClock.error) < 5_000;
  if (!clock || (isKnown && Math.abs(clock.at - lastClock.at) < KEPT_FRESH)) return;
  lastClock = clock;
  remember("clock", clock).catch(() => {});
}

/** @returns {Promise<boolean>} whether the plan is the clinic's newest */
export async function refresh() {
  return quietly(async () => {
    const { session, today, today_etag } = await readState();
    if (!session) return false;
    const query = new URLSearchParams({ lang: wordingLanguage(), zone: zone() });
    const isSame = today?.language === wordingLanguage() && today_etag?.zone === zone();
    const headers = isSame ? { "If-None-Match": today_etag.etag } : {};
    const reply = await call("GET", `diary/today?${query}`, { token: session.token, headers });
    noteClock(reply.clock);
    if (reply.status === 401) return turnAway().then(() => false);
    if (reply.status === 200) await keep(reply);
    return reply.status === 200 || reply.status === 304;
  });
}

const keep = ({ body, etag }) =>
  change(["state"], ({ state }) => {
    state.put(body, "today");
    state.put(etag ? { etag, zone: zone() } : null, "today_etag");
    state.put(Date.now(), "today_at");
  });

/**
 * Changes settings at the clinic: name, language, zone, reminders. Without a network they are kept and sent later.
 * @param {object} wanted
 */
export async function changeDevice(wanted) {
  const { device_wanted } = await readState();
  await remember("device_wanted", { ...device_wanted, ...wanted });
  return syncDevice();
}

/**
 * One at a time, in all tabs: two together would refuse each other. A phone that is full just now is like one without
 * a network: nobody waits for this, and it is told again.
 * @returns {Promise<boolean>} whether the clinic has this phone's settings as they are here
 */
export const syncDevice = () => navigator.locks.request("diary-device", () => quietly(tellDevice, [Unreachable, StorageRefused]));

async function tellDevice() {
  const { session, device_wanted, zone_told } = await readState();
  if (!session) return false;
  const found = await call("GET", "device", { token: session.token });
  if (found.status === 401) return turnAway().then(() => false);
  if (found.status !== 200) return false;
  // Only a change of this phone's own zone is told: another phone of the same patient may be elsewhere.
  const moved = zone_told === zone() ? {} : { zone: zone() };
  const wanted = { language: wordingLanguage(), app_version: VERSION, ...moved, ...device_wanted };
  const isSame = Object.entries(wanted).every(([name, value]) => same(found.body[name], value));
  const device = isSame ? found : await put(found, wanted, session.token);
  if (device.status !== 200) return false;
  await keepDevice({ ...found.body, ...device.body }, device_wanted);
  return true;
}

/** What was asked for while it was on its way stays asked for. */
const keepDevice = (device, told) =>
  change(["state"], ({ state }) => {
    state.put(device, "device");
    state.put(zone(), "zone_told");
    const wanted = state.get("device_wanted");
    wanted.onsuccess = () => same(wanted.result, told) && state.delete("device_wanted");
  });

const SETTABLE = ["label", "language", "zone", "app_version", "reminders", "push_subscription"];

function put({ body, etag }, wanted, token) {
  const whole = { ...Object.fromEntries(SETTABLE.map((name) => [name, body[name]])), ...wanted };
  // Stale (412): somebody else changed it meanwhile; the next round starts from theirs.
  return call("PUT", "device", { token, body: whole, headers: { "If-Match": etag ?? "" } });
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

async function quietly(work, kinds = [Unreachable]) {
  try {
    return await work();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
