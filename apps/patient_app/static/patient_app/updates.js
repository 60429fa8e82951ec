// A new version waits until the patient takes it, between answers and never in the middle of one.

/** Registers the service worker; its address is the one string that the policy lets become a script. */
export async function watchForUpdates(app) {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(trusted(new URL("sw.js", location.href).pathname), { type: "classic" });
  const offer = () => {
    // Without a worker in charge this is the first visit, and nothing is replaced.
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    app.update = () => change(registration);
    app.redrawIfLive();
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  offer();
}

function change(registration) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting?.postMessage("update");
}

function trusted(address) {
  if (!window.trustedTypes) return address;
  const policy = trustedTypes.createPolicy("diary", {
    createScriptURL: (url) => {
      if (url !== new URL("sw.js", location.href).pathname) throw new TypeError(`${url} is not our service worker`);
      return url;
    },
  });
  return policy.createScriptURL(address);
}
