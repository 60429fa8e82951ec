// Answers on their way. Each is an item with an id of its own and a body that does not change; it leaves the
// outbox only when the clinic has that id, or has said that it will never take it.

import { change, readAll } from "./store.js";

/**
 * @typedef {{ id: string, trial: string, resource: "entries" | "answers" | "corrections" | "consent", body: object,
 *   saved_at: number, slot?: string, question?: string, day?: string, closes?: string, corrected?: boolean }} Item
 */

export const BATCHED = new Set(["entries", "answers"]);

/** Several answers become safe in one moment, and the run that they came from ends in the same one. */
export async function save(items, { endRun } = {}) {
  await change(["outbox", "runs"], ({ outbox, runs }) => {
    items.forEach((item) => outbox.add(item));
    if (endRun) runs.delete(endRun);
  });
}

/** What waits for this trial; consent first, since answers rest on it. */
export async function waiting(trial) {
  const [items] = await readAll("outbox");
  const order = (item) => (item.resource === "consent" ? 0 : 1);
  return items
    .filter((item) => item.trial === trial)
    .sort((one, other) => order(one) - order(other) || one.saved_at - other.saved_at);
}

/** The clinic has it: the receipt takes the item's place. The score itself is not kept. */
export async function settle(item, stored) {
  const { body, ...rest } = item;
  const kept = item.resource === "consent" ? { body } : {};
  const receipt = {
    ...rest,
    ...kept,
    received_at: stored.received_at ?? null,
    receipt: stored.receipt ?? "",
    timeliness: stored.timeliness ?? "",
    safety: stored.safety ?? null,
    settled_at: Date.now(),
  };
  await change(["outbox", "receipts"], ({ outbox, receipts }) => {
    receipts.put(receipt);
    outbox.delete(item.id);
  });
}

/** The clinic will not take it as it is: it moves to a list that the patient sees, and is not lost. */
export async function refuse(item, { code, detail }) {
  await change(["outbox", "refused"], ({ outbox, refused }) => {
    refused.put({ ...item, code, detail, refused_at: Date.now() });
    outbox.delete(item.id);
  });
}

/** The patient has seen why, and puts it away. */
export const putAway = (id) => change(["refused"], ({ refused }) => refused.delete(id));

/** A refused answer was never stored, so the same id may go again with the time put right. */
export const replace = (item) => change(["outbox"], ({ outbox }) => outbox.put(item));
