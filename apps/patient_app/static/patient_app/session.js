// This phone's place in a trial: joining, being turned away, leaving.

import { Unreachable, call } from "./api.js";
import { zone } from "./clock.js";
import { wordingLanguage } from "./i18n.js";
import { change, readState, remember } from "./store.js";

const LINK = /^#join=([A-Za-z0-9_-]{22})$/;

/** The secret of a joining link. It leaves the address before anything else may read or keep it. */
export function takeLink() {
  const secret = LINK.exec(location.hash)?.[1] ?? null;
  if (location.hash) history.replaceState(history.state, "", location.pathname);
  return secret;
}

export const tidyCode = (typed) => typed.toUpperCase().replace(/[\s-]/g, "");

/**
 * Joins with a typed code or a link's secret. A lost reply is no lost phone: the same attempt asks again.
 * @returns {Promise<"joined" | "refused" | "locked" | "unreachable">}
 */
export function join(code) {
  // The screen may be drawn anew meanwhile; a second tap gets the answer of the first.
  if (joinedWith === code) return Promise.resolve("joined");
  joining ??= tryToJoin(code).finally(() => (joining = null));
  return joining;
}

/** @type {ReturnType<typeof tryToJoin> | null} */
let joining = null;
let joinedWith = "";

async function tryToJoin(code) {
  const attempt = await attemptFor(code);
  const body = { code, attempt, language: wordingLanguage(), zone: zone() };
  let reply;
  try {
    reply = await call("POST", "pairing", { body });
  } catch (error) {
    if (error instanceof Unreachable) return "unreachable";
    throw error;
  }
  if (reply.status === 200 || reply.status === 201) {
    joinedWith = code;
    return begin(reply.body, reply.clock);
  }
  if (reply.status === 429) return "locked";
  if (reply.status >= 500) return "unreachable";
  await remember("joining", null);
  return "refused";
}

async function attemptFor(code) {
  const { joining } = await readState();
  if (joining?.code === code) return joining.attempt;
  const attempt = crypto.randomUUID();
  await remember("joining", { code, attempt });
  return attempt;
}

/** A link's secret is kept until it has worked, so that an app that is killed half-way goes on. */
export const waitingLink = (state) => (state.joining?.code.length === 22 ? state.joining.code : null);

/** With the time of the service beside it: the first answer may come before the next word from there. */
async function begin({ token, trial, holder }, clock) {
  const session = { token, trial, holder: holder ?? "patient", language: wordingLanguage() };
  await change(["state"], ({ state }) => {
    state.put(session, "session");
    if (clock) state.put(clock, "clock");
    for (const name of ["joining", "ended", "today", "today_etag", "today_at", "device", "zone_told"]) state.delete(name);
  });
  navigator.storage?.persist?.();
  return "joined";
}

/** The clinic has ended this phone's access. What was touched or is not sent yet stays, for when it joins again. */
export const turnAway = () => end("revoked");

/** @returns {Promise<boolean>} whether the service has heard it */
export async function leave(token) {
  try {
    const { status } = await call("DELETE", "device", { token });
    if (status !== 204 && status !== 401) return false;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
  await end("left");
  return true;
}

async function end(reason) {
  joinedWith = "";
  await change(["state", "runs", "receipts"], ({ state, runs, receipts }) => {
    for (const name of ["session", "today", "today_etag", "today_at", "device", "joining"]) state.delete(name);
    state.put(reason, "ended");
    if (reason === "left") runs.clear();
    receipts.clear();
  });
}
