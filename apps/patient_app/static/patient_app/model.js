// What the screens look at: one snapshot of all that the phone keeps, taken anew after each change.

import { clockError, dayText, trueNow, wallText } from "./clock.js";
import { planAt } from "./plan.js";
import { readAll, readState } from "./store.js";

/** Receipts older than this are no longer shown or asked about. */
const SHOWN_FOR = 14 * 86_400_000;

/** @typedef {Awaited<ReturnType<typeof snapshot>>} Snapshot */

export async function snapshot() {
  const [state, [runs, outbox, receipts, refused]] = await Promise.all([
    readState(),
    readAll("runs", "outbox", "receipts", "refused"),
  ]);
  const session = state.session ?? null;
  const ours = (item) => item.trial === session?.trial.id;
  const kept = { runs: runs.filter(ours), outbox, refused, receipts: receipts.filter(ours), state, session };
  return { ...kept, today: state.today ?? null, ...derived(kept) };
}

function derived({ state, session, runs, outbox, receipts }) {
  const today = state.today ?? null;
  const answers = [...outbox.filter((item) => item.trial === session?.trial.id), ...receipts].sort(byTime);
  const slots = answers.filter((item) => item.slot);
  const begun = new Map(runs.filter((run) => run.opening).map((run) => [run.key, wallText(run.begun_at - clockError())]));
  return {
    wall: wallText(trueNow()),
    plan: planAt(today, wallText(trueNow()), new Set(slots.map((item) => item.slot)), begun),
    /** The newest answer of each slot: what an amendment replaces. */
    heads: new Map(slots.map((item) => [item.slot, item])),
    answers: answers.filter((item) => item.saved_at > Date.now() - SHOWN_FOR),
    consent: consentOf(today, answers),
    mayTell: mayTell(today, dayText(trueNow()), consentOf(today, answers)),
    clinic: today?.trial?.clinic ?? session?.trial?.clinic ?? null,
    isProxy: (today?.holder ?? session?.holder) === "proxy",
  };
}

/** Whether the clinic would take a warning sign or a note now. If not, there is still its number. */
function mayTell(today, day, consent) {
  const trial = today?.trial;
  if (consent === "withdrawn" || trial?.state === "closed") return false;
  return !trial || (trial.diary_from <= day && (!trial.ended_on || day <= trial.ended_on));
}

const byTime = (one, other) => one.saved_at - other.saved_at;

/** What the patient said last counts at once, before the clinic has it. */
function consentOf(today, answers) {
  const said = answers.filter((item) => item.resource === "consent").at(-1);
  const known = today?.consent ?? { state: "needed" };
  if (!said || (known.at && Date.parse(known.at) > Date.parse(said.body.captured_at))) return known.state;
  return said.body.decision;
}
