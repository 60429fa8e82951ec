// Agreeing to the diary before the first question, and stopping it at any time.

import { consentItem } from "../bodies.js";
import { consentText, t } from "../i18n.js";
import { save } from "../outbox.js";
import { button, page, primary, text } from "../page.js";
import { flush } from "../sender.js";
import { languageField } from "./language.js";

async function decide(app, decision) {
  await app.guarded(async () => {
    await save([consentItem(app.snapshot.session, decision, consentText().version)]);
    await app.reload();
    await app.go("home", {}, { replace: true });
    app.say(t(`consent.${decision}`));
    app.guarded(() => flush().then(app.refresh));
  });
}

export function consentScreen(app) {
  const words = consentText();
  return page(
    {
      heading: words.title,
      actions: [button(t("consent.no"), () => app.go("home", { declined: true })), primary(t("consent.yes"), () => decide(app, "given"))],
    },
    words.paragraphs.map((paragraph) => text(paragraph)),
    app.snapshot.isProxy && text(t("consent.proxy"), "strong"),
    languageField(app),
  );
}

export function withdrawScreen(app) {
  return page(
    {
      heading: t("withdraw.heading"),
      actions: [button(t("withdraw.no"), app.back), button(t("withdraw.yes"), () => decide(app, "withdrawn"), { kind: "danger" })],
    },
    text(t("withdraw.what")),
    text(t("withdraw.kept")),
    text(t("withdraw.care"), "strong"),
  );
}
