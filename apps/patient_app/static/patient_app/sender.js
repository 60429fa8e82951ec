// Sends the outbox: at each start, when the network comes back, when the app is looked at, after each save, and
// on a timer that waits longer after each failure. One tab sends at a time.

import { Unreachable, call } from "./api.js";
import { clockError } from "./clock.js";
import { BATCHED, refuse, replace, settle, waiting } from "./outbox.js";
import { outcomeOf, reasonOf, withTrueTime } from "./outcomes.js";
import { turnAway } from "./session.js";
import { noteClock, refresh } from "./diary.js";
import { StorageRefused, readState } from "./store.js";

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
/** From so many on they go in one request. */
const BATCH_FROM = 4;
const BATCH_SIZE = 50;

let failures = 0;
let timer = 0;
/** By the clock that nobody sets: a wait of a minute is one, whatever day the phone thinks it is. */
let notBefore = 0;
const ticks = () => performance.now();
let isWanted = false;
/** @type {Promise<boolean> | null} */
let running = null;

/** Sends what waits. @returns {Promise<boolean>} whether nothing is left */
export function flush() {
  // What was saved while it ran may have come too late for it.
  if (running) isWanted = true;
  running ??= navigator.locks.request("diary-outbox", sendAll).catch(postpone).finally(again);
  return running;
}

/** A phone that is full just now cannot note a receipt: the answer stays in the outbox and goes again. */
function postpone(error) {
  if (!(error instanceof StorageRefused)) throw error;
  return later(backOff());
}

function again() {
  running = null;
  if (isWanted) flush();
  isWanted = false;
}

async function sendAll() {
  clearTimeout(timer);
  const { session } = await readState();
  if (!session) return false;
  if (ticks() < notBefore) return later(notBefore - ticks());
  let sent = 0;
  for (let items = await waiting(session.trial.id); items.length > 0; items = await waiting(session.trial.id)) {
    const outcome = await trySome(items, session.token);
    if (outcome === "revoked") return turnAway().then(() => false);
    if (outcome === "again") return later(backOff());
    sent += 1;
  }
  failures = 0;
  // What was sent may have changed the plan and the count of days.
  if (sent) await refresh();
  return true;
}

function backOff() {
  failures += 1;
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
  return wait * (0.75 + Math.random() / 2);
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(flush, wait);
  return false;
}

/** A new occasion (network, a look at the app) need not sit out the wait, unless the service asked for it. */
export function retryNow() {
  failures = 0;
  return flush();
}

async function trySome(items, token) {
  try {
    const together = items.filter((item) => BATCHED.has(item.resource)).slice(0, BATCH_SIZE);
    const isBatch = together.length >= BATCH_FROM && BATCHED.has(items[0].resource);
    return isBatch ? await sendBatch(together, token) : await sendOne(items[0], token);
  } catch (error) {
    if (error instanceof Unreachable) return "again";
    throw error;
  }
}

const PATHS = {
  entries: "diary/entries/",
  answers: "diary/answers/",
  corrections: "diary/corrections/",
  consent: "consent/",
};

async function sendOne(item, token) {
  const reply = await call("PUT", PATHS[item.resource] + item.id, { token, body: item.body });
  heed(reply);
  return act(item, reply);
}

async function sendBatch(items, token) {
  const of = (resource) =>
    items.filter((item) => item.resource === resource).map(({ id, body }) => ({ id, ...body }));
  const answers = of("answers");
  const body = { entries: of("entries"), ...(answers.length > 0 && { answers }) };
  const reply = await call("POST", "diary/entries/batch", { token, body });
  heed(reply);
  // Refused as a whole: one by one each gets an answer of its own.
  if (reply.status !== 207) return reply.status === 400 || reply.status === 413 ? sendOne(items[0], token) : act(items[0], reply, true);
  return actOnEach(items, reply.body.results);
}

/** Each item by its own line. One that must wait does not hold the others. */
async function actOnEach(items, results) {
  const lines = new Map(results.map((line) => [line.id, line]));
  const outcomes = [];
  for (const item of items) {
    const line = lines.get(item.id);
    const reply = { status: line?.status ?? 0, body: line?.entry ?? line?.answer ?? line?.problem };
    outcomes.push(await act(item, reply));
  }
  return ["revoked", "again"].find((outcome) => outcomes.includes(outcome)) ?? "done";
}

async function act(item, reply, isForAll = false) {
  const outcome = outcomeOf(item, reply);
  if (isForAll && outcome !== "revoked") return "again";
  if (outcome === "received") await settle(item, reply.body);
  if (outcome === "refused") await refuse(item, reasonOf(reply.body));
  if (outcome === "clock") await replace(withTrueTime(item, clockError()));
  return outcome === "again" || outcome === "revoked" ? outcome : "done";
}

function heed({ retryAfter, clock }) {
  if (retryAfter) notBefore = ticks() + retryAfter * 1000;
  noteClock(clock);
}
