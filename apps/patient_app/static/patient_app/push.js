// Push messages: asked for on a tap only, and only where the clinic's service and the phone both can.

const KINDS = ["push", "email", "sms"];

export const kinds = KINDS;

export const canPush = (device) =>
  Boolean(device?.push_public_key) && "PushManager" in window && "serviceWorker" in navigator;

/**
 * A subscription as the API takes it, or null when the phone or the patient says no.
 * @param {string} publicKey the service's VAPID key
 */
export async function subscribe(publicKey) {
  if ((await Notification.requestPermission()) !== "granted") return null;
  try {
    const registration = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(publicKey) };
    const { endpoint, keys } = (await registration.pushManager.subscribe(options)).toJSON();
    return { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
  } catch {
    return null;
  }
}

export async function unsubscribe() {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

function bytes(base64url) {
  const padded = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (char) => char.charCodeAt(0));
}
