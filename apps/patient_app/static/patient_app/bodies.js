// From what was touched to what is sent: the bodies of the API, each with an id of its own.

import { clockError, phoneNow, rfc3339, stamp, trueNow } from "./clock.js";
import { wordingLanguage } from "./i18n.js";
import { slotOf } from "./plan.js";

const VERSION = document.documentElement.dataset.version;

/** What every item of the outbox has. Answers stand in this order: a clock that is set right in between must not turn it round. */
function item(session, resource, body, more = {}) {
  return { id: crypto.randomUUID(), trial: session.trial.id, resource, body, saved_at: trueNow(), ...more };
}

/** When and where, who and in which words. */
function circumstances(session) {
  return { ...stamp(), app_version: VERSION, originator: session.holder, language: wordingLanguage() };
}

/**
 * The items of a run that is saved now.
 * @param {any} run
 * @param {{ session: any, heads: Map<string, any>, as: "today" | "late" }} context
 */
export function itemsOf(run, { session, heads, as }) {
  const common = circumstances(session);
  if (as === "late") common.about = "yesterday";
  // A clock that was set back meanwhile must not make an answer begin after its end.
  else common.begun_at = rfc3339(Math.min(run.begun_at - clockError(), trueNow()));
  return Object.entries(run.answers)
    .filter(([, given]) => given !== null)
    .map(([question, given]) => {
      const slot = slotOf(run.opening, question);
      const replaced = run.isAmendment ? { supersedes: supersededBy(run, question, heads) } : {};
      const asked = run.questions[question];
      const body = { ...bodyOf(asked, given), ...common, ...replaced };
      const { day, closes } = run.opening;
      return item(session, asked.resource, body, { slot, question, day, closes, isFinal: as === "late" });
    });
}

const supersededBy = (run, question, heads) =>
  heads.get(slotOf(run.opening, question))?.id ?? run.opening.answered[question].id;

function bodyOf(asked, given) {
  if (asked.resource === "answers")
    return { question: asked.question, instrument_version: asked.instrument_version, answer: { [asked.form.type]: given } };
  const { region, kind, instrument_version } = asked;
  return { region, kind, instrument_version, value: given };
}

/** Warning signs and notes belong to no window: they are answers of their own, at any time. */
export function looseItem(session, today, question, given, more = {}) {
  const asked = today?.questions?.[question] ?? LOOSE[question];
  return item(session, "answers", { ...bodyOf(asked, given), ...circumstances(session) }, { question, ...more });
}

const loose = (question, type) => ({ resource: "answers", question, instrument_version: `${question.replaceAll("_", "-")}/1`, form: { type } });
const LOOSE = { red_flags: loose("red_flags", "choices"), note: loose("note", "text") };

export function consentItem(session, decision, version) {
  const { captured_at, zone } = stamp();
  return item(session, "consent", { decision, version, language: wordingLanguage(), captured_at, zone });
}

export function correctionItem(session, answer, { reason, text, proposed }) {
  const { captured_at, zone } = stamp();
  const about = { [answer.resource === "entries" ? "entry" : "answer"]: answer.id };
  const value = proposed === null ? {} : { proposed_value: proposed };
  const body = { ...about, reason, text, ...value, captured_at, zone };
  return item(session, "corrections", body, { question: answer.question, day: answer.day, about: answer.id });
}

/** A run: a set of questions from opening to saving, kept with each touch so that a kill loses nothing. */
export function newRun({ session, today }, opening, asks, { isLate = false, isAmendment = false } = {}) {
  const key = isAmendment ? `amend/${slotOf(opening, asks[0])}` : `${opening.day}/${opening.window ?? 0}`;
  // As they were asked: the clinic may end the trial meanwhile, or word a question anew.
  const questions = Object.fromEntries(asks.map((question) => [question, today.questions[question]]));
  return { key, trial: session.trial.id, opening, asks, questions, isLate, isAmendment, begun_at: phoneNow(), at: 0, answers: {} };
}
