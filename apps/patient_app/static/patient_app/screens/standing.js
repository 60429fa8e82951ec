// Where the answers are: on this phone, or with the clinic. Read from the outbox, so it is true in every tab.

import { h, icon, ICONS } from "../dom.js";
import { t } from "../i18n.js";
import { button, card, row, text } from "../page.js";
import { retryNow } from "../sender.js";

export function outboxCard(app) {
  const { outbox, refused, session } = app.snapshot;
  const ours = outbox.filter((item) => item.trial === session?.trial.id);
  const others = outbox.length - ours.length;
  if (ours.length + others + refused.length === 0) return null;
  return card(
    "quiet-card",
    ours.length > 0 && h("h2", null, t("outbox.waiting", { n: ours.length })),
    ours.length > 0 && text(t(navigator.onLine ? "outbox.soon" : "outbox.offline")),
    ours.length > 0 && button(t("outbox.now"), retryNow),
    others > 0 && text(t("outbox.other", { n: others }), "strong"),
    refused.length > 0 && row(t("refused.row", { n: refused.length }), () => app.go("refused")),
  );
}

export const isReceived = (item) => item.received_at !== undefined;

/** "5 of 7 days answered": the same words whatever was answered. A count older than these answers would only confuse. */
export function progressLine({ today, state }, items) {
  const { answered_days, closed_days } = today?.progress ?? {};
  const isCounted = items.every((item) => isReceived(item) && item.settled_at <= state.today_at);
  if (!closed_days || !isCounted) return null;
  return text(t("progress", { answered: Math.min(answered_days, closed_days), closed: closed_days }), "progress");
}

/** One answer's way: on the phone, or received, with its id and time. */
export function standingOf(item, times) {
  const received = isReceived(item);
  return h(
    "span",
    { class: received ? "standing received" : "standing" },
    icon(received ? ICONS.received : ICONS.here),
    h("span", null, t(received ? "standing.received" : "standing.here", { time: times(received && item.received_at ? item.received_at : item.saved_at) })),
  );
}
