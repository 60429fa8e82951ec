// The phone keeps nothing, or nothing more: said at once, with what was touched still on the screen behind.

import { t } from "../i18n.js";
import { page, primary, text } from "../page.js";

export function storageScreen(app, { again }) {
  return page(
    { heading: t("storage.heading"), actions: [primary(t("storage.again"), () => again?.() ?? location.reload())] },
    text(t("storage.what")),
    text(t("storage.do")),
    text(t("storage.call"), "strong"),
  );
}
