// The service worker. RELEASE stands above this line: { stamp, home, files: { address: sha256 } }.
// It keeps one complete release and answers from it first; /api/ always goes to the network.

const KEPT = `diary-${RELEASE.stamp}`;

self.addEventListener("install", (event) => event.waitUntil(keepRelease()));

self.addEventListener("activate", (event) => event.waitUntil(dropOtherReleases()));

self.addEventListener("message", (event) => {
  if (event.data === "update") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const address = addressOf(event.request);
  if (address) event.respondWith(fromRelease(address, event.request));
});

self.addEventListener("push", (event) => event.waitUntil(remind(event.data)));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openDiary());
});

/** All or nothing: a release of which one file is missing or is another's does not come into use. */
async function keepRelease() {
  const cache = await caches.open(KEPT);
  await Promise.all(Object.entries(RELEASE.files).map(([address, digest]) => keep(cache, address, digest)));
}

async function keep(cache, address, digest) {
  const response = await fetch(address, { cache: "no-store", credentials: "same-origin" });
  const found = await sha256(await response.clone().arrayBuffer());
  if (!response.ok || found !== digest) throw new Error(`${address} is not of this release`);
  await cache.put(address, response);
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function dropOtherReleases() {
  const names = (await caches.keys()).filter((name) => name.startsWith("diary-") && name !== KEPT);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** The kept address that a request asks for, or null when it is not ours. */
function addressOf(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return null;
  const address = request.mode === "navigate" && url.pathname === RELEASE.home ? RELEASE.home : url.pathname;
  return address in RELEASE.files ? address : null;
}

async function fromRelease(address, request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(address)) || fetch(request);
}

/** Anyone may read a lock screen: what is shown names no illness, no score and no clinic. */
async function remind(data) {
  const { title, body } = textOf(data);
  await self.registration.showNotification(title, { body, tag: "diary", icon: iconAddress() });
}

function textOf(data) {
  const usual = { title: "Diary", body: "Time for today's entry." };
  try {
    const { title, body } = data.json();
    return { title: short(title) || usual.title, body: short(body) || usual.body };
  } catch {
    return usual;
  }
}

const short = (text) => (typeof text === "string" && text.length <= 120 ? text : "");

const iconAddress = () => Object.keys(RELEASE.files).find((address) => address.endsWith("/icon-192.png"));

async function openDiary() {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const diary = open.find((client) => new URL(client.url).pathname === RELEASE.home);
  return diary ? diary.focus() : self.clients.openWindow(RELEASE.home);
}
