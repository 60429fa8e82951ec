// The receipt of what was just saved: first on this phone, then with the clinic; and all receipts of two weeks.

import { h } from "../dom.js";
import { dayOut, instantOut, t, wordingOf } from "../i18n.js";
import { page, primary, row, safetyBox, text } from "../page.js";
import { isReceived, progressLine, standingOf } from "./standing.js";

export function savedScreen(app, { ids = [] }) {
  const { snapshot } = app;
  const items = ids.map((id) => snapshot.answers.find((item) => item.id === id)).filter(Boolean);
  const refused = snapshot.refused.filter((item) => ids.includes(item.id));
  if (items.length + refused.length === 0) return null;
  const received = items.filter(isReceived).length;
  const summary = summaryOf(items.length, received);
  app.say(summary);
  return page(
    { heading: t("saved.heading"), actions: [primary(t("saved.done"), () => app.go("home", {}, { replace: true }))] },
    text(summary, "summary"),
    progressLine(snapshot, items),
    refused.length > 0 && row(t("refused.row", { n: refused.length }), () => app.go("refused")),
    items.some((item) => item.safety) && safetyBox(snapshot.clinic),
    list(snapshot, items),
  );
}
savedScreen.isLive = true;

function summaryOf(all, received) {
  if (all === received) return t("saved.received");
  return t(navigator.onLine ? "saved.sending" : "saved.here");
}

export function sentScreen(app) {
  const { snapshot } = app;
  const items = snapshot.answers.filter((item) => item.resource !== "consent").reverse();
  const days = [...new Set(items.map((item) => item.day ?? ""))];
  return page(
    { heading: t("sent.heading"), actions: [primary(t("over.home"), () => app.go("home"))] },
    text(t("sent.lead")),
    items.length === 0 && text(t("sent.none")),
    days.map((day) =>
      h("section", null, h("h2", null, day ? dayOut(day) : t("sent.anytime")), list(snapshot, items.filter((item) => (item.day ?? "") === day))),
    ),
  );
}
sentScreen.isLive = true;

/** Question, standing, id and time. What was answered is not shown again. */
function list(snapshot, items) {
  const line = (item) =>
    h(
      "li",
      null,
      h("span", { class: "asked" }, titleOf(snapshot, item)),
      standingOf(item, instantOut),
      h("span", { class: "id" }, `${t("saved.id")} `, h("bdi", null, item.id.slice(0, 8))),
    );
  return h("ul", { class: "receipts" }, items.map(line));
}

export function titleOf(snapshot, item) {
  if (item.resource === "corrections") return t("correct.sent");
  return item.question ? wordingOf(snapshot.today, item.question).text : t("saved.answer");
}
