// What is open now: pure functions over the days that GET /diary/today gave, and the phone's wall clock.
// All times are wall-clock texts ("2026-10-11T18:05"), so a flight or a clock change needs no arithmetic here.

/** @typedef {{ day: string, phase: string, window: number | null, opens: string, closes: string,
 *   graceUntil: string, asks: string[], answered: Record<string, any> }} Opening */

export const slotOf = (opening, question) => `${opening.day}/${opening.window ?? 0}/${question}`;

export const keyOf = (opening) => `${opening.day}/${opening.window ?? 0}`;

/** @returns {Opening[]} every window of the kept days, in order of time */
export function openings(today) {
  return (today?.days ?? []).flatMap((day) =>
    day.windows.map((window) => ({
      day: day.diary_day,
      phase: day.phase,
      window: window.number,
      opens: window.opens,
      closes: window.closes,
      graceUntil: window.grace_until,
      asks: window.asks,
      answered: window.answered ?? {},
      last: window === day.windows.at(-1),
    })),
  );
}

/** The questions of it that nothing on this phone or at the clinic answers yet. */
export function unanswered(opening, done) {
  return opening.asks.filter((question) => !opening.answered[question] && !done.has(slotOf(opening, question)));
}

/**
 * What is left to ask. Once the pain of the target region is answered the set has been gone through, and what was
 * skipped stays skipped, unless the patient goes back to it.
 */
export function due(opening, done) {
  const left = unanswered(opening, done);
  const isThrough = left.length < opening.asks.length && !left.some((question) => question.startsWith("target."));
  return isThrough ? [] : left;
}

/**
 * @param {any} today the kept answer of GET /diary/today
 * @param {string} wall the phone's wall clock
 * @param {Set<string>} done slots answered on this phone
 * @param {Map<string, string>} begun the wall clock at which a set of questions was begun, by `keyOf`
 */
export function planAt(today, wall, done, begun = new Map()) {
  const all = openings(today);
  const current = all.find((one) => one.opens <= wall && wall < one.closes) ?? null;
  const next = all.find((one) => one.opens > wall && one.asks.length > 0) ?? null;
  const grace = graceAt(all, wall, done, begun);
  const late = lateAt(all, today, wall, done);
  // What can still be finished in its own time is not offered as late.
  const isSame = late && grace && keyOf(late) === keyOf(grace);
  return { current, next, grace, late: isSame ? null : late, open: current ? due(current, done) : [] };
}

/** A window that has just closed, with what was begun in it and is not saved yet. */
function graceAt(all, wall, done, begun) {
  const found = all.find((one) => begun.has(keyOf(one)) && isInGrace(one, wall, begun.get(keyOf(one))));
  const asks = found ? due(found, done) : [];
  return asks.length > 0 ? { ...found, asks } : null;
}

const isInGrace = (opening, wall, begunWall) =>
  opening.opens <= begunWall && begunWall < opening.closes && opening.closes <= wall && wall < opening.graceUntil;

/** Yesterday's last window, once, unless the leads have made its day a closed baseline. */
function lateAt(all, today, wall, done) {
  const day = diaryDay(today, wall);
  const yesterday = all.filter((one) => one.day < day).at(-1);
  if (!yesterday || yesterday.day !== dayBefore(day)) return null;
  const placed = today.trial.lead_placed_on;
  if (yesterday.phase === "baseline" && placed && placed <= day) return null;
  const asks = due(yesterday, done).filter((question) => question !== "red_flags");
  return asks.length > 0 ? { ...yesterday, asks } : null;
}

/** The diary day of a wall clock: before the day's first hour it is still the day before. */
export function diaryDay(today, wall) {
  const day = wall.slice(0, 10);
  return Number(wall.slice(11, 13)) < (today?.trial?.day_starts_at_hour ?? 0) ? dayBefore(day) : day;
}

export function dayBefore(day) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

/**
 * How a set of questions may be saved now: "today", "late" (as yesterday's, once), or null when it is over.
 * Begun in its window, it may be finished until the grace ends; so may a change of it.
 */
export function savedAs(opening, { wall, begunWall, today, isAmendment = false }) {
  if (opening.opens <= wall && wall < opening.closes) return "today";
  if (isInGrace(opening, wall, begunWall)) return "today";
  if (isAmendment) return null;
  const late = lateAt(openings(today), today, wall, new Set());
  return late && keyOf(late) === keyOf(opening) ? "late" : null;
}
