// Everything that is not today's questions.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { page, row, text } from "../page.js";

export function menuScreen(app) {
  const { snapshot } = app;
  const isIn = snapshot.consent === "given";
  const to = (key, screen) => row(t(key), () => app.go(screen));
  return page(
    { heading: t("menu.heading") },
    h(
      "nav",
      { class: "rows", "aria-label": t("menu.heading") },
      to("menu.home", "home"),
      to("flags.row", "flags"),
      isIn && snapshot.mayTell && to("note.row", "note"),
      isIn && snapshot.plan.current && to("change.row", "change"),
      isIn && to("correct.row", "correct"),
      to("sent.row", "sent"),
      snapshot.refused.length > 0 && row(t("refused.row", { n: snapshot.refused.length }), () => app.go("refused")),
      to("settings.row", "settings"),
      isIn && to("withdraw.row", "withdraw"),
    ),
    text(t("menu.about"), "quiet"),
    text(`${t("menu.version")} ${document.documentElement.dataset.version}`, "quiet id"),
  );
}
