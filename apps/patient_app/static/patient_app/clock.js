// Time as the phone has it, and by how much that is wrong.
//
// The server says its time in every answer (Date). A phone that is off by more than a minute has its answers'
// times corrected, and each carries by how much; one that is off by more than ten minutes is told so.

const CORRECTED_FROM = 60_000;
const TOLD_FROM = 600_000;
/**
 * As long as the kept plan. A clock that was wrong while the phone had a network is set by hand, and stays wrong until
 * a hand sets it right; believed too long, the answer says by how much it was put right, and the screen what time we think it is.
 */
const BELIEVED_FOR = 14 * 86_400_000;
/** Two clocks of one phone need not agree to the millisecond. */
const SLACK = 60_000;

/** @type {{ error: number, at: number } | null} */
let measured = null;

export const phoneNow = () => Date.now();

/** @param {string | null} date the Date header; @param {number} sent @param {number} got phone time around the call */
export function measure(date, sent, got) {
  const server = Date.parse(date ?? "");
  const took = got - sent;
  // A call that was over before it began saw the clock set back. The header counts whole seconds: half of one on average.
  if (!Number.isNaN(server) && 0 <= took && took < 10_000) measured = { error: (sent + got) / 2 - server - 500, at: got };
  return measured;
}

export function recall(remembered) {
  if (remembered) measured ??= remembered;
}

/** Earlier than when it was measured, the clock has been set since; after two weeks nobody knows. */
function isBelieved({ at }) {
  const passed = phoneNow() - at;
  return -SLACK <= passed && passed < BELIEVED_FOR;
}

/** Milliseconds that the phone is ahead, 0 while that does not matter. */
export function clockError() {
  const error = measured && isBelieved(measured) ? measured.error : 0;
  return Math.abs(error) >= CORRECTED_FROM ? Math.round(error / 1000) * 1000 : 0;
}

export const isClockWrong = () => Math.abs(clockError()) >= TOLD_FROM;

export const trueNow = () => phoneNow() - clockError();

const two = (number) => String(Math.trunc(number)).padStart(2, "0");

/** "2026-10-11" on the phone's own wall. */
export function dayText(instant) {
  const date = new Date(instant);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "2026-10-11T18:05": windows are written so too, and texts of this form compare like times. */
export function wallText(instant) {
  const date = new Date(instant);
  return `${dayText(instant)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** RFC 3339 with the offset that the phone's zone has at that instant: "2026-10-11T20:14:05+02:00". */
export function rfc3339(instant) {
  const date = new Date(instant);
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  const size = Math.abs(offset);
  return `${wallText(instant)}:${two(date.getSeconds())}${sign}${two(size / 60)}:${two(size % 60)}`;
}

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When and where, as every answer carries it. */
export function stamp() {
  const error = clockError();
  const said = { captured_at: rfc3339(trueNow()), zone: zone() };
  return error ? { ...said, clock_error_seconds: error / 1000 } : said;
}
