// What an answer of the service means for an item of the outbox. A table, so that nothing falls between.

import { codeOf } from "./api.js";
import { rfc3339 } from "./clock.js";

/** The same body will be refused again, however often it is sent. */
const NEVER = new Set([400, 404, 409, 413, 422]);

/**
 * @param {any} item
 * @param {{ status: number, body: any }} reply the item's own, or its line of a batch
 * @returns {"received" | "revoked" | "clock" | "refused" | "again"}
 */
export function outcomeOf(item, { status, body }) {
  if (status === 200 || status === 201) return body?.id === item.id ? "received" : "again";
  if (status === 401) return "revoked";
  if (status === 400 && codeOf(body) === "in_the_future" && !item.corrected) return "clock";
  return NEVER.has(status) ? "refused" : "again";
}

/** The same answer under the same id, its times put right by the measured error of the phone's clock. */
export function withTrueTime(item, error) {
  const already = (item.body.clock_error_seconds ?? 0) * 1000;
  const back = error - already;
  const body = { ...item.body, captured_at: earlier(item.body.captured_at, back) };
  if (item.body.begun_at) body.begun_at = earlier(item.body.begun_at, back);
  if (item.resource === "entries" || item.resource === "answers") body.clock_error_seconds = Math.round(error / 1000);
  return { ...item, body, corrected: true };
}

const earlier = (text, by) => rfc3339(Date.parse(text) - by);

/** In the patient's terms: which refusals have a text of their own. */
export const reasonOf = (problem) => ({
  code: codeOf(problem),
  detail: problem?.errors?.[0]?.detail ?? problem?.title ?? "",
});
