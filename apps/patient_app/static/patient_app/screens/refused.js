// What the clinic could not take: kept here, with the reason and what to do.

import { h } from "../dom.js";
import { instantOut, has, t } from "../i18n.js";
import { putAway } from "../outbox.js";
import { button, page, primary, text } from "../page.js";
import { titleOf } from "./saved.js";

export function refusedScreen(app) {
  const { snapshot } = app;
  return page(
    { heading: t("refused.heading"), actions: [primary(t("over.home"), () => app.go("home"))] },
    text(t(snapshot.refused.length > 0 ? "refused.lead" : "refused.none")),
    snapshot.refused.map((item) => one(app, item)),
  );
}
refusedScreen.isLive = true;

function one(app, item) {
  const known = has(`refused.${item.code}`) ? item.code : "other";
  return h(
    "section",
    { class: "card" },
    h("h2", null, titleOf(app.snapshot, item)),
    text(t("refused.when", { time: instantOut(item.saved_at) }), "quiet"),
    text(t(`refused.${known}`)),
    text(t("refused.kept"), "quiet"),
    h("p", { class: "id" }, `${t("saved.id")} `, h("bdi", null, `${item.id.slice(0, 8)} · ${item.code}`)),
    button(t("refused.away"), () => app.guarded(() => putAway(item.id))),
  );
}
