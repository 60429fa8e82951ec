// A run of questions: each touch is kept at once; saving makes answers of it.

import { itemsOf, looseItem, newRun } from "./bodies.js";
import { clockError, trueNow, wallText } from "./clock.js";
import { save } from "./outbox.js";
import { savedAs } from "./plan.js";
import { flush } from "./sender.js";
import { change, mend } from "./store.js";

export const keep = (run) => change(["runs"], ({ runs }) => runs.put(run));

/** One touched answer, beside those that another tab may have kept meanwhile. */
export function touch(run, question, given) {
  run.answers[question] = given;
  return mend("runs", run.key, (kept) => ({ ...kept, answers: { ...kept.answers, [question]: given } }));
}

/** The question where one goes on. */
export function place(run, at) {
  run.at = Math.min(at, run.asks.length - 1);
  return mend("runs", run.key, (kept) => ({ ...kept, at: run.at }));
}

/** Signs of this run that have gone on their own: their receipts belong to it. */
export function told(run, id) {
  run.saved = [...(run.saved ?? []), id];
  return mend("runs", run.key, (kept) => ({ ...kept, saved: [...(kept.saved ?? []), id] }));
}

export const drop = (key) => change(["runs"], ({ runs }) => runs.delete(key));

/** The run of an opening: the one begun before, or a new one. */
export async function begin(snapshot, opening, asks, options = {}) {
  const fresh = newRun(snapshot, opening, asks, options);
  const kept = snapshot.runs.find((run) => run.key === fresh.key);
  // Questions answered meanwhile on another phone are not asked again.
  const run = kept ? { ...kept, asks, questions: fresh.questions, isLate: fresh.isLate, at: Math.min(kept.at, asks.length - 1) } : fresh;
  await keep(run);
  return run;
}

/** How the run could be saved now: "today", "late" or null. */
export function fate(run, today) {
  return savedAs(run.opening, {
    wall: wallText(trueNow()),
    begunWall: wallText(run.begun_at - clockError()),
    today,
    isAmendment: run.isAmendment,
  });
}

/** Makes answers of a run. @returns {Promise<string[]>} their ids, on the disk before this resolves */
export async function finish(run, snapshot, as) {
  const isSaved = ([question, given]) => run.asks.includes(question) && !isTold(question, given);
  const chosen = Object.fromEntries(Object.entries(run.answers).filter(isSaved));
  const items = itemsOf({ ...run, answers: chosen }, { ...snapshot, as });
  await save(items, { endRun: run.key });
  flush();
  return [...(run.saved ?? []), ...items.map((one) => one.id)];
}

/** Warning signs have gone on their own already; that there are none is an answer like the others. */
const isTold = (question, given) => question === "red_flags" && given?.length > 0;

/** Warning signs go at once and on their own. What was kept of them ends in the same moment: told once, whatever dies. */
export async function tell(snapshot, question, given, more = {}, { endRun } = {}) {
  const item = looseItem(snapshot.session, snapshot.today, question, given, more);
  await save([item], { endRun });
  flush();
  return item.id;
}
